import { textRow } from '../components/facts.ts';
import { clock, hundredths, plural, whole } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import { type Span, spansWidth, type Tone } from '../components/spans.ts';
import type { Migration } from '../model/migration.ts';
import type { Area } from '../state/layout.ts';
import { isStalled } from '../state/migration.ts';
import { cutoverRows } from '../state/migration-progress.ts';
import { rowsCompared } from '../state/migration-proof.ts';
import { stepRow } from './MigratePause.tsx';
import { problemRows } from './MigrateTarget.tsx';
import { objectsOf, rowsOf } from './migrate-words.ts';

/** Where the app runs now, what its users felt of it, and what can still be done. */
export function MigrateOutcome({ migration, area }: { migration: Migration; area: Area }) {
  const width = area.width - 2;
  const steps = cutoverRows(migration);
  const rows: Span[][] = [
    [],
    headline(migration),
    ...resultRows(migration, width),
    [],
    ...placeRows(migration),
    ...(migration.problem ? [[], ...problemRows(migration.problem, width)] : []),
    ...(steps.length > 0
      ? [[], [' ', ['The pause', 'strong']] as Span[], ...steps.map(stepRow)]
      : []),
  ];
  return (
    <Pane title="Move the database" note={note(migration)} {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function note({ changedAt }: Migration): Span[] {
  return [[`· since ${clock(Date.parse(changedAt))}`, 'dim']];
}

const HEADS: Partial<
  Record<Migration['state'], readonly [sign: string, tone: Tone, text: string]>
> = {
  switched: ['●', 'good', 'The app runs on the new database'],
  returned: ['●', 'good', 'The app is back on the old database'],
  finished: ['●', 'good', 'Finished: the app runs on the new database'],
  aborted: ['○', 'dim', 'Stopped: the app runs on its old database, nothing was changed'],
};

function headline(migration: Migration): Span[] {
  const [sign, tone, text] = HEADS[migration.state] ?? ['○', 'dim', migration.state];
  return [' ', [sign, tone], ' ', [text, 'strong']];
}

/** `held 0.41 s · 212 requests waited, 0 failed · 38 tables, 4,120,331 rows: equal` */
function resultRows({ cutover, proof, kind }: Migration, width: number): Span[][] {
  const parts: Span[][] = [];
  if (cutover && cutover.heldMs !== null) {
    const { heldMs, heldRequests, failedRequests } = cutover;
    parts.push([
      [`held ${hundredths(heldMs)} s`, 'strong'],
      ` · ${plural(heldRequests ?? 0, 'request')} waited, `,
      [`${failedRequests ?? 0} failed`, failedRequests ? 'bad' : 'plain'],
    ]);
  }
  if (proof) {
    const [one, many] = objectsOf(kind);
    const size = `${plural(proof.objects.length, one, many)}, ${whole(rowsCompared(proof))} ${rowsOf(kind)}: `;
    parts.push([size, [proof.equal ? 'equal' : 'not equal', proof.equal ? 'good' : 'bad']]);
  }
  const one = parts.flatMap((part, index) => (index === 0 ? part : [' · ', ...part]));
  const lines = spansWidth(one) + 3 <= width ? [one] : parts;
  return lines.map((spans) => ['   ', ...spans]);
}

const LABEL = 9;
const STALLED = 'not kept in step: nothing works on it (R goes on)';

function placeRows(migration: Migration): Span[][] {
  const { state, source, target } = migration;
  const onNew = state === 'switched' || state === 'finished';
  return [
    textRow('new', target, LABEL, onNew ? 'plain' : 'dim'),
    textRow('old', source, LABEL, onNew ? 'dim' : 'plain'),
    ...(state === 'switched' ? [wayBackRow(migration)] : []),
    ...(state === 'returned' ? [againRow(migration)] : []),
  ];
}

function wayBackRow(migration: Migration): Span[] {
  const { open, why, lagMs } = migration.wayBack;
  if (isStalled(migration)) {
    return textRow('way back', STALLED, LABEL, 'look');
  }
  if (!open) return textRow('way back', `none: ${why ?? 'it was not possible'}`, LABEL, 'look');
  const lag = lagMs === null ? '' : `, ${hundredths(lagMs)} s behind`;
  return textRow('way back', `open: the old one is kept in step${lag}; b loses nothing`, LABEL);
}

function againRow(migration: Migration): Span[] {
  if (isStalled(migration)) return textRow('again', STALLED, LABEL, 'look');
  const text = migration.wayBack.open
    ? 'the new one is kept in step; c cuts over once more'
    : (migration.wayBack.why ?? 'the new one is not kept in step: a, then a new move');
  return textRow('again', text, LABEL);
}
