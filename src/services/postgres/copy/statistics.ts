import { quoted } from '../names.ts';
import { type Session, TARGET_SETTINGS } from './session.ts';
import { type Relation, readRelations } from './tables.ts';
import { together } from './together.ts';
import { openMany, withSessions } from './workers.ts';

interface Options {
  target: string;
  workers: number;
}

/** What the planner must know of the tables before users come; the largest first. */
export function analyzeTables(
  { target: url, workers }: Options,
  signal: AbortSignal,
): Promise<void> {
  return withSessions(async (sessions) => {
    const open = () => sessions.open(url, TARGET_SETTINGS, signal);
    const target = await open();
    const relations = await readRelations(target, signal);
    const left = relations
      .filter(({ kind, owned }) => kind !== 'f' && !owned)
      .sort((a, b) => b.bytes - a.bytes);
    const analysts = await openMany(workers, open);
    await together(
      analysts.map((each) => (stop: AbortSignal) => analyze(each, left, stop)),
      signal,
    );
  });
}

async function analyze(session: Session, left: Relation[], signal: AbortSignal): Promise<void> {
  for (let table = left.shift(); table; table = left.shift()) {
    await session.query(`analyze ${quoted(table)}`, signal);
  }
}
