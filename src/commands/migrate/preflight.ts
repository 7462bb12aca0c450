import { EXIT, type ExitCode } from '../../errors.ts';
import type { Preflight } from '../../model/migration.ts';
import { orderOf, preflightOf } from '../../services/migration/begin.ts';
import { DEFAULT_OPTIONS } from '../../services/migration/order.ts';
import { blockersOf } from '../../services/migration/prepare.ts';
import { type CommonOptions, print, printResult, projectDir, runCommand } from '../output.ts';
import { findingsText } from './findings-text.ts';
import { readTarget } from './target.ts';

/** `portsync migrate preflight`: what would stand in the way; exit code 3 where something does. */
export function preflight(
  given: string | undefined,
  options: CommonOptions & { from?: string },
): Promise<void> {
  return runCommand(options, async (signal): Promise<ExitCode> => {
    const target = await readTarget(given, signal);
    const wish = { projectDir: projectDir(options), source: options.from ?? null, target };
    const order = await orderOf({ ...wish, options: DEFAULT_OPTIONS });
    const seen = await preflightOf(wish.projectDir, order, signal);
    tellFindings(seen, options, print);
    const ok = blockersOf(seen).length === 0;
    if (options.json) {
      const { findings, estimate, wayBack } = seen;
      printResult({ event: 'result', ok: true, blocked: !ok, findings, estimate, wayBack });
    }
    return ok ? EXIT.done : EXIT.foundProblems;
  });
}

export function tellFindings(
  { findings }: Preflight,
  options: CommonOptions,
  say: (text: string) => void,
): void {
  if (!options.json) say(findingsText(findings));
  else for (const finding of findings) printResult({ event: 'finding', ...finding });
}
