import { textRow } from '../components/facts.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { toneFor } from '../components/state-mark.ts';
import { emptyRows, troubleRows } from '../components/trouble.ts';
import { placeIn } from '../model/mask-url.ts';
import { dataOf } from '../model/reading.ts';
import { only } from '../state/joins.ts';
import { type Area, problemRows } from '../state/layout.ts';
import { activeMigration, migrationWord } from '../state/migration.ts';
import type { State } from '../state/state.ts';
import { factsOf, kindOf, LABEL, longFacts, moreFacts, shortFacts } from './database-facts.ts';

/** Rows from which on every figure gets a row and a course of its own. */
const ROOMY = 12;

export function DatabasePane({
  state,
  area,
  focused,
}: {
  state: State;
  area: Area;
  focused: boolean;
}) {
  const width = area.width - 2;
  const rows = area.height - 2;
  return (
    <Pane title="3 Database" note={databaseNote(state)} {...area} focused={focused}>
      <Lines rows={content(state, width, rows).slice(0, rows)} width={width - 1} />
    </Pane>
  );
}

export function databaseNote(state: State): Span[] {
  const reading = only(state, 'database');
  const database = dataOf(reading);
  const kind = database ? `${kindOf(database)}${database.here ? ', here' : ''}` : '';
  if (reading.state !== 'stale') return kind === '' ? [] : [[`· ${kind}`, 'dim']];
  if (kind === '') return [['· no answer', 'look']];
  return [
    ['· stale, ', 'look'],
    [kind, 'dim'],
  ];
}

function content(state: State, width: number, rows: number): Span[][] {
  const reading = only(state, 'database');
  const database = dataOf(reading);
  const trouble = troubleRows([{ name: 'database', reading }], {
    width,
    rows: database ? problemRows(rows) : rows,
    now: state.now,
  });
  if (!database) return [...trouble, ...emptyRows([reading], width)];
  const facts = factsOf(database, state.history.database);
  const figures = rows >= ROOMY ? longFacts(facts, width - 1) : shortFacts(facts, width);
  const more = moreFacts(database, only(state, 'backup'), { width, now: state.now });
  const move = migrationRow(state);
  const room = Math.max(0, rows - trouble.length);
  return [...[...figures, ...move, ...more].slice(0, room), ...trouble];
}

/** A move of this database that is under way, or whose way back is open. */
function migrationRow(state: State): Span[][] {
  const migration = activeMigration(state);
  const word = migrationWord(state);
  if (!migration || !word) return [];
  const text = `${word.word}, to ${placeIn(migration.target)}`;
  return [textRow('move (m)', text, LABEL, toneFor(word.condition))];
}
