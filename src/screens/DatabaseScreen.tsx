import { Box } from 'ink';
import { textRow } from '../components/facts.ts';
import { bytes, latency } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { type Column, type DataRow, Table } from '../components/Table.tsx';
import { emptyRows, troubleRows } from '../components/trouble.ts';
import type { DatabaseFigures, ReplicationLag, RunningQuery } from '../model/database.ts';
import { dataOf } from '../model/reading.ts';
import { only } from '../state/joins.ts';
import { type Area, pageOf, zoomAreas } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import type { State } from '../state/state.ts';
import { queryRows } from '../state/versions.ts';
import { databaseNote } from './DatabasePane.tsx';
import { factsOf, LABEL, lastFacts, longFacts } from './database-facts.ts';
import { filterNote, scrollNote } from './notes.ts';

const QUERIES: readonly Column[] = [
  { key: 'id', title: 'ID', width: 7, align: 'right', priority: 2 },
  { key: 'ms', title: 'RUNS', width: 7, align: 'right', priority: 0 },
  { key: 'waits', title: 'WAITS FOR', width: 9, priority: 1 },
  { key: 'text', title: 'QUERY', width: 10, flex: 1, priority: 0 },
];

/** Every figure with its course, replication, and the queries that are slow or hold others up. */
export function DatabaseScreen({ state, area }: { state: State; area: Area }) {
  const { list, detail, wide } = zoomAreas(area, 'database');
  return (
    <Box flexDirection={wide ? 'row-reverse' : 'column-reverse'}>
      <Queries state={state} area={list} />
      <Figures state={state} area={detail} />
    </Box>
  );
}

function Figures({ state, area }: { state: State; area: Area }) {
  const width = area.width - 3;
  const reading = only(state, 'database');
  const database = dataOf(reading);
  const trouble = troubleRows([{ name: 'database', reading }], { width, rows: 6, now: state.now });
  const rows = database
    ? [...trouble, ...figureRows(state, database, width)]
    : [...trouble, ...emptyRows([reading], width)];
  return (
    <Pane title="3 Database" note={databaseNote(state)} {...area} focused={false}>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function figureRows(state: State, database: DatabaseFigures, width: number): Span[][] {
  return [
    [' ', [database.where, 'dim']],
    ...longFacts(factsOf(database, state.history.database), width),
    ...database.replication.map(lagRow),
    ...lastFacts(database, only(state, 'backup'), { width, now: state.now }),
  ];
}

function lagRow({ name, state, lagBytes, lagMs, retainedBytes }: ReplicationLag): Span[] {
  const kept = retainedBytes === null ? '' : `, keeps ${bytes(retainedBytes)}`;
  const late = lagMs === null ? '' : `, ${latency(lagMs)}`;
  return textRow(name, `${state}, ${bytes(lagBytes)} behind${late}${kept}`, LABEL);
}

function Queries({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const listing = state.lists.queries;
  const queries = queryRows(state);
  const seen = inSight(queries, (row) => row.id, listing, pageOf(state, 'queries'));
  const database = dataOf(only(state, 'database'));
  const slow = new Set(database?.slow.map(({ id }) => id));
  const empty: Span[][] =
    queries.length > 0 || !database ? [] : [[[' none runs for a second or blocks others', 'dim']]];
  return (
    <Pane
      title="Slow and blocking queries"
      note={[...filterNote(listing.filter), ...scrollNote(seen)]}
      {...area}
      focused
    >
      <Table
        columns={QUERIES}
        rows={seen.rows.map((query) => queryRow(query, slow.has(query.id)))}
        width={width}
        chosen={seen.chosen}
      />
      <Lines rows={empty} width={width} />
    </Pane>
  );
}

function queryRow(query: RunningQuery, slow: boolean): DataRow {
  const waits = query.blockedBy.length > 0;
  return {
    key: query.id,
    mark: waits ? ['✖', 'bad'] : ['▲', 'look'],
    cells: {
      id: [query.id, 'dim'],
      ms: latency(query.ms),
      waits: waits ? [query.blockedBy.join(' '), 'bad'] : slow ? '' : ['blocks', 'look'],
      text: query.text,
    },
  };
}
