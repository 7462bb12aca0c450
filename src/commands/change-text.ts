import type { Planned } from '../services/rollout/change.ts';
import type { Recovered } from '../services/rollout/recover-jobs.ts';
import type { Progress, Report, StepEvent } from '../services/rollout/report.ts';
import type { RolledOut } from '../services/rollout/rollout.ts';
import { type CommonOptions, note, oneLine, printResult } from './output.ts';

const MARKS = { doing: '…', done: '✓', failed: '✖' } as const;

export function planText({ wish, operations, warnings }: Planned): string {
  const steps = operations.map(({ words }, at) => `  ${at + 1}. ${oneLine(words)}`);
  const notes = warnings.map((warning) => `  ! ${oneLine(warning)}`);
  return [oneLine(wish.what), ...steps, ...notes].join('\n');
}

/** Progress: a line for each beginning and end, or a JSON object a line. */
export function stepPrinter(options: CommonOptions): Report {
  return (event) => {
    if (event.state === 'going-on') tellProgress(event, options);
    else if (options.json) printResult({ event: 'step', ...event });
    else note(stepText(event));
  };
}

function tellProgress({ id, words, leftMs }: Progress, options: CommonOptions): void {
  if (options.json) printResult({ event: 'progress', id, text: words, leftMs });
  else note(`           ${oneLine(words)}`);
}

function stepText({ words, state, ms, elapsedMs }: StepEvent): string {
  const tail = state === 'doing' ? '' : `  ${seconds(ms)}`;
  return `${seconds(elapsedMs).padStart(7)}  ${MARKS[state]} ${oneLine(words)}${tail}`;
}

export function rolledOutText({ from, to, elapsedMs }: RolledOut): string {
  const back = from === null ? '' : ` To go back to ${from}: portsync rollback`;
  return `${to} serves, after ${seconds(elapsedMs)}.${back}`;
}

export function recoveredText({ job, outcome }: Recovered): string {
  const what = `“${oneLine(job.what)}” of ${job.at.slice(0, 19).replace('T', ' ')} UTC was cut off`;
  const done = outcome === 'done' ? 'it was finished' : 'it was undone, and all is as before';
  return `${what}; ${done} now.`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
