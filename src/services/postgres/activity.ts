import type { RunningQuery } from '../../model/database.ts';
import { oneLine } from '../database/text.ts';
import type { Session, Sessions } from './queries/activity.ts';
import type { Prepared } from './queries/prepared.ts';
import { shapeOfSql } from './shape.ts';

const SLOW_MS = 1000;
const MOST = 20;

export interface Activity {
  used: number;
  /** Connections whose queries the role may not see. */
  hidden: number;
  blocked: number;
  /** 0 when none is open, null when one may be hidden. */
  longestTransactionMs: number | null;
  slow: RunningQuery[];
  blockers: RunningQuery[];
}

export function activityOf(
  { sessions, used, hidden }: Sessions,
  prepared: Prepared | null,
): Activity {
  const ours = sessions.filter((session) => session.ours && !session.self);
  const open = [...ours.map(({ transactionMs }) => transactionMs), prepared?.ms ?? null];
  const longest = Math.round(Math.max(0, ...open.map(Number)));
  return {
    used,
    hidden,
    blocked: sessions.filter(({ waits }) => waits).length,
    longestTransactionMs: longest === 0 && hidden > 0 ? null : longest,
    slow: ours
      .filter(({ active, queryMs }) => active && (queryMs ?? 0) >= SLOW_MS)
      .map((session) => toQuery(session, session.queryMs, session.blockedBy))
      .sort(longestFirst)
      .slice(0, MOST),
    blockers: blockersOf(sessions, prepared),
  };
}

/** Those that others wait for and that wait for nobody themselves: where a jam begins. */
function blockersOf(sessions: Session[], prepared: Prepared | null): RunningQuery[] {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const ids = new Set(sessions.flatMap(({ blockedBy }) => blockedBy));
  const free = [...ids].filter((id) => !byId.get(id)?.waits);
  return free
    .map((id): RunningQuery => {
      const session = byId.get(id);
      if (session) return toQuery(session, session.transactionMs ?? session.queryMs, []);
      // 0 stands for every prepared transaction; only the oldest is known by name.
      const text =
        id === '0' ? oneLine(`prepare transaction ${prepared?.gid ?? '?'}`) : 'idle, holds a lock';
      return { id, ms: Math.round(id === '0' ? (prepared?.ms ?? 0) : 0), text, blockedBy: [] };
    })
    .sort(longestFirst)
    .slice(0, MOST);
}

function toQuery({ id, query }: Session, ms: number | null, blockedBy: string[]): RunningQuery {
  return {
    id,
    ms: Math.round(ms ?? 0),
    text: query === null ? 'hidden' : shapeOfSql(query),
    blockedBy,
  };
}

function longestFirst(a: RunningQuery, b: RunningQuery): number {
  return b.ms - a.ms;
}
