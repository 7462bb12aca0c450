import { UsageError } from '../errors.ts';
import { mustOpenFleet } from '../services/project/open-fleet.ts';
import { openProject } from '../services/project/project.ts';
import {
  type Ground,
  type Planned,
  planChange,
  runChange,
  type Wish,
} from '../services/rollout/change.ts';
import { recover } from '../services/rollout/recover-jobs.ts';
import type { RolledOut } from '../services/rollout/rollout.ts';
import { planText, recoveredText, rolledOutText, stepPrinter } from './change-text.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from './output.ts';
import { confirm } from './prompt.ts';

export interface ChangeOptions extends CommonOptions {
  yes?: boolean;
  dryRun?: boolean;
}

/** A command that rolls something out: opens the fleet, ends what was cut off, then does `work`. */
export function withGround(
  options: ChangeOptions,
  work: (ground: Ground, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return runCommand(options, async (signal) => {
    const project = await openProject(projectDir(options));
    const { close, ...parts } = await mustOpenFleet(project);
    const ground = { projectDir: project.dir, ...parts };
    try {
      if (!options.dryRun) await endWhatWasCutOff(ground, options, signal);
      await work(ground, signal);
    } finally {
      await close();
    }
    return undefined;
  });
}

export async function endWhatWasCutOff(
  ground: Ground,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<number> {
  const ended = await recover(ground, stepPrinter(options), signal);
  for (const each of ended) note(recoveredText(each));
  return ended.length;
}

/** Plan → confirm → run → answer. Null after a dry run. */
export async function carryOut(
  ground: Ground,
  wish: Wish,
  options: ChangeOptions,
  signal: AbortSignal,
): Promise<RolledOut | null> {
  const planned = await planChange(ground, wish, signal);
  if (options.dryRun) {
    if (options.json) printResult({ event: 'result', ok: true, dryRun: true, ...planOf(planned) });
    else print(planText(planned));
    return null;
  }
  if (!options.json) note(planText(planned));
  await confirm('Go ahead?', answered(options), signal);
  return runChange(ground, planned, stepPrinter(options), signal);
}

/** The same, with the answer of a command that does nothing else. */
export async function carryOutAndTell(
  ground: Ground,
  wish: Wish,
  options: ChangeOptions,
  signal: AbortSignal,
): Promise<void> {
  const result = await carryOut(ground, wish, options, signal);
  if (!result) return;
  if (options.json) printResult({ event: 'result', ok: true, deployed: true, ...result });
  else print(rolledOutText(result));
}

/** With --json no one reads a question: it has to be answered beforehand. */
export function answered(options: ChangeOptions): boolean {
  if (!options.yes && options.json) {
    throw new UsageError({
      code: 'confirmation-needed',
      message: 'This has to be confirmed first. Nothing was changed.',
      next: 'Add --yes; --dry-run shows what would happen.',
    });
  }
  return options.yes ?? false;
}

function planOf({ operations, facts, warnings }: Planned) {
  const { from, to, replicas } = facts;
  return { plan: operations, from, to, replicas, warnings };
}
