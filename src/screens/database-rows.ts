import { textRow } from '../components/facts.ts';
import { bytesLong, perSecond } from '../components/format.ts';
import type { Span } from '../components/spans.ts';
import { emptyRows, troubleRows } from '../components/trouble.ts';
import { dataOf } from '../model/reading.ts';
import { only } from '../state/joins.ts';
import type { State } from '../state/state.ts';
import { kindOf } from './database-facts.ts';

/** The database as it is now, in a few lines. */
export function databaseRows(state: State, width: number): Span[][] {
  const reading = only(state, 'database');
  const database = dataOf(reading);
  const { now } = state;
  const trouble = troubleRows([{ name: 'database', reading }], { width, rows: 3, now });
  if (!database) return [...trouble, ...emptyRows([reading], width)];
  const rate = database.transactionsPerSecond;
  const row = (label: string, text: string) => textRow(label, text, 12);
  return [
    row('kind', kindOf(database)),
    row('where', database.here ? `${database.where}, on this machine` : database.where),
    row('size', bytesLong(database.sizeBytes)),
    row('rate', rate === null ? '–' : `${perSecond(rate)} transactions/s`),
    ...trouble,
  ];
}
