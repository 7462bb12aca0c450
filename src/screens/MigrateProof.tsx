import { clock, plural, whole } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { mark } from '../components/state-mark.ts';
import { type Column, type DataRow, Table } from '../components/Table.tsx';
import type { DatabaseKind } from '../model/database.ts';
import type { Proof, ProofObject } from '../model/migration.ts';
import { type Area, pageOf } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import { migrationOf } from '../state/migration.ts';
import { proofRows } from '../state/migration-proof.ts';
import type { State } from '../state/state.ts';
import { objectsOf } from './migrate-words.ts';
import { scrollNote } from './notes.ts';

const COLUMNS: readonly Column[] = [
  { key: 'name', title: 'NAME', width: 16, flex: 1, priority: 0 },
  { key: 'source', title: 'OLD ROWS', width: 13, align: 'right', priority: 0 },
  { key: 'target', title: 'NEW ROWS', width: 13, align: 'right', priority: 0 },
  { key: 'word', title: 'PROOF', width: 9, priority: 0 },
  { key: 'checksum', title: 'CHECKSUM', width: 16, flex: 2, priority: 1 },
];

/** How every table compares, what differs first. */
export function MigrateProof({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const migration = migrationOf(state);
  const proof = migration?.proof;
  if (!migration || !proof) return null;
  const seen = inSight(
    proofRows(state),
    ({ name }) => name,
    state.lists.proof,
    pageOf(state, 'proof'),
  );
  return (
    <Pane title="Proof" note={[...note(proof), ...scrollNote(seen)]} {...area} focused>
      <Lines rows={[summary(proof, migration.kind), []]} width={width} />
      <Table columns={COLUMNS} rows={seen.rows.map(rowOf)} width={width} chosen={seen.chosen} />
    </Pane>
  );
}

function note({ kind, at }: Proof): Span[] {
  const what = kind === 'full' ? 'every row read on both sides' : 'what changed in the pause';
  return [[`· ${what}, ${clock(Date.parse(at))}`, 'dim']];
}

function summary({ equal, objects, differences }: Proof, kind: DatabaseKind): Span[] {
  const [one, many] = objectsOf(kind);
  if (equal)
    return [' ', mark('good'), ' ', [`${plural(objects.length, one, many)}: equal`, 'strong']];
  const different = objects.filter((object) => !object.equal).length;
  const words = [
    different > 0
      ? `${plural(different, one, many)} ${different === 1 ? 'differs' : 'differ'}`
      : '',
    ...differences,
  ];
  return [' ', mark('bad'), ' ', [words.filter(Boolean).join(', '), 'strong']];
}

function rowOf({ name, rows, checksum, equal }: ProofObject): DataRow {
  const sum = checksum === null ? '–' : checksum.source;
  return {
    key: name,
    mark: mark(equal ? 'good' : 'bad'),
    cells: {
      name: name,
      source: whole(rows.source),
      target: whole(rows.target),
      word: equal ? ['equal', 'plain'] : ['differs', 'bad'],
      checksum: [equal || !checksum ? sum : `${checksum.source} / ${checksum.target}`, 'dim'],
    },
  };
}
