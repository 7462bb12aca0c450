import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { leftoversOf, removeLeftovers } from '../../services/migration/cleanup.ts';
import { answered } from '../change.ts';
import { note, oneLine, print, printResult, projectDir, runCommand } from '../output.ts';
import { confirm } from '../prompt.ts';
import type { Asking } from './ask.ts';

/** `portsync migrate cleanup`: what an ended migration has left in the two databases. */
export function cleanup(options: Asking & { liftFence?: boolean }): Promise<void> {
  return runCommand(options, async (signal) => {
    const dir = resolve(projectDir(options));
    const found = await leftoversOf(dir, signal);
    if (!found) throw notEnded();
    if (found.length === 0 && !options.liftFence) {
      if (options.json) printResult({ event: 'result', ok: true, removed: [] });
      else print('Nothing of PortSync is left in either database.');
      return undefined;
    }
    if (!options.json)
      note(['This was found:', ...found.map((each) => `  ${oneLine(each)}`)].join('\n'));
    if (options.liftFence && !options.json)
      note('The old database can be written again afterwards.');
    await confirm('Go ahead?', answered(options), signal);
    const kept = await removeLeftovers(dir, options.liftFence ?? false, signal);
    const removed = found.filter((each) => !kept.includes(each));
    if (options.json) printResult({ event: 'result', ok: true, removed, kept });
    else print(kept.length === 0 ? 'All of it is removed.' : FENCE_KEPT);
    return undefined;
  });
}

const FENCE_KEPT =
  'Removed, but for what keeps the old database from being written: --lift-fence removes that too.';

function notEnded(): UsageError {
  return new UsageError({
    code: 'migration-state',
    message: 'The migration has not ended, and needs what it made.',
    next: 'End it first: portsync migrate abort before the switch, portsync migrate finish after it.',
  });
}
