import { bytesLong, duration, plural } from '../../components/format.ts';
import type { Cutover, Migration, MigrationState, Preflight } from '../../model/migration.ts';
import type { Problem } from '../../model/problem.ts';
import { oneLine } from '../output.ts';

const WORDS: Readonly<Record<MigrationState, string>> = {
  idle: 'nothing was begun',
  preflight: 'looking at both servers',
  copying: 'copying',
  following: 'catching up with what changes',
  ready: 'in step: the app runs on the old database',
  'cutting-over': 'cutting over',
  switched: 'the app runs on the new database',
  returned: 'the app runs on the old database again',
  finished: 'finished',
  aborted: 'given up; nothing of PortSync is left in the databases',
  failed: 'failed; the app runs on the old database',
};

export function stateText({ state }: Migration): string {
  return WORDS[state];
}

/** What is being done now, on one line; null where the state says all. */
export function progressText({ state, copy, follow }: Migration): string | null {
  if (state === 'copying' && copy) {
    const share = copy.totalBytes > 0 ? Math.floor((copy.bytes / copy.totalBytes) * 100) : 0;
    return `${copy.step}  ${share}%  ${bytesLong(copy.bytes)} of ${bytesLong(copy.totalBytes)}  ${plural(copy.rows, 'row')}`;
  }
  if (!follow) return null;
  if (follow.waiting) return `waiting: ${oneLine(follow.waiting.message)}`;
  const lag = follow.lagMs === null ? 'not known yet' : `${(follow.lagMs / 1000).toFixed(2)} s`;
  return `behind ${lag}  ${plural(follow.changes, 'change')} applied`;
}

/** How it stands, for a person. */
export function statusLines(migration: Migration): string[] {
  const { source, target, worker, wayBack, state, problem } = migration;
  const age = duration(Date.now() - Date.parse(migration.changedAt));
  const lines = [
    `${migration.rehearsal ? 'Rehearsal: ' : ''}${stateText(migration)} (for ${age})`,
    `  from ${oneLine(source)}`,
    `  to   ${oneLine(target)}`,
  ];
  const now = progressText(migration);
  if (now) lines.push(`  ${now}`);
  lines.push(...pauseLines(migration), ...proofLines(migration));
  if (state === 'switched') {
    lines.push(
      wayBack.open
        ? '  The old database is kept in step: portsync migrate back goes back.'
        : `  There is no way back now: ${oneLine(wayBack.why ?? 'it is being opened')}`,
    );
  }
  if (!worker && !RESTING.has(state)) {
    lines.push(
      '  No process works on it: portsync migrate goes on, portsync migrate abort gives up.',
    );
  }
  if (problem) lines.push(...problemLines(problem));
  return lines;
}

export function pauseLines({ cutover, preflight }: Migration): string[] {
  if (cutover?.way === 'rehearsal') return rehearsedLines(cutover, preflight);
  if (!cutover || cutover.heldMs === null) return [];
  const { heldMs, heldRequests, failedRequests } = cutover;
  const waited =
    heldRequests === null
      ? ''
      : ` · ${plural(heldRequests, 'request')} waited, ${failedRequests ?? 0} failed`;
  return [`  held ${(heldMs / 1000).toFixed(2)} s${waited}`];
}

/** Nobody waited: what was measured, and what a cut-over is expected to take with it. */
function rehearsedLines({ steps }: Cutover, preflight: Preflight | null): string[] {
  const at = (step: string) =>
    steps.find((each) => each.step === step && each.state === 'done')?.ms;
  const [proved, drained] = [at('proof'), at('drain')];
  const expected = preflight?.estimate?.pauseMs;
  return [
    ...(proved === undefined || drained === undefined
      ? []
      : [`  the last changes came over within ${drained - proved} ms`]),
    ...(expected === undefined ? [] : [`  a cut-over is expected to hold requests ${expected} ms`]),
  ];
}

export function proofLines({ proof }: Migration): string[] {
  if (!proof) return [];
  const rows = proof.objects.reduce((sum, object) => sum + object.rows.target, 0);
  const bad = proof.objects.filter(({ equal }) => !equal);
  const verdict = proof.equal ? 'equal' : `DIFFERENT: ${bad.map(({ name }) => name).join(', ')}`;
  return [
    `  ${plural(proof.objects.length, 'table')}, ${plural(rows, 'row')}: ${oneLine(verdict)}`,
    ...proof.differences.map((each) => `  ${oneLine(each)}`),
  ];
}

function problemLines({ message, why, next }: Problem): string[] {
  return [message, why, next].flatMap((line) => (line === null ? [] : [`  ${oneLine(line)}`]));
}

/** States that nobody needs to work on. */
const RESTING: ReadonlySet<MigrationState> = new Set(['idle', 'finished', 'aborted']);
