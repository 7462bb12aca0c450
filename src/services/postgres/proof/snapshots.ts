import { ExternalError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import type { PostgresConnection } from '../connection.ts';
import { dialPostgres, untilAborted } from '../dial.ts';
import { postgresError } from '../errors.ts';
import type { SettlingFollower } from './follower.ts';
import { closePairs, openPairs, type SessionPair, type Urls } from './session.ts';

const BEGIN = 'begin isolation level repeatable read read only';

export interface Moment {
  /** How many pairs of sessions. */
  width: number;
  /** How long transactions that began before may keep it from being had, while nothing is applied. */
  limitMs: number;
}

/**
 * Pairs of sessions that see one moment: a snapshot that the source exports together with its
 * position, and one of the target taken while the follower holds still there.
 * @param atRest runs in between, while nothing is applied
 */
export async function openAtOneMoment(
  urls: Urls,
  { width, limitMs }: Moment,
  follower: Pick<SettlingFollower, 'hold' | 'settleAt' | 'resume'>,
  atRest: () => void,
  signal: AbortSignal,
): Promise<SessionPair[]> {
  const pairs = await openPairs(urls, width, signal);
  const sources = pairs.map(({ source }) => source);
  const targets = pairs.map(({ target }) => target);
  try {
    const join = (snapshot: string) => joinAll(sources, snapshot, signal);
    // Held before the position is known, since it might be passed before it can be named.
    await follower.hold(signal);
    try {
      const lsn = await withExportedSnapshot(urls.from, join, limitMs, signal);
      await follower.settleAt(lsn, signal);
      await joinEachOther(targets, signal);
      atRest();
    } finally {
      follower.resume();
    }
    return pairs;
  } catch (error) {
    await closePairs(pairs);
    throw error;
  }
}

/** The slot is gone when this returns: sessions that joined its snapshot keep it. */
async function withExportedSnapshot(
  url: string,
  join: (snapshot: string) => Promise<void>,
  limitMs: number,
  signal: AbortSignal,
): Promise<string> {
  const options = { applicationName: 'portsync proof', replication: true };
  const { client, socket, where } = await dialPostgres(url, options, signal);
  const limit = timeLimit(limitMs, signal);
  const name = `portsync_proof_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  try {
    const sql = `CREATE_REPLICATION_SLOT "${name}" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT`;
    const { rows } = await untilAborted(client.query(sql), socket, limit);
    await join(String(rows[0]?.snapshot_name));
    return String(rows[0]?.consistent_point);
  } catch (error) {
    if (limit.aborted && !signal.aborted) throw waitedInVain(where, error);
    throw postgresError(error, where);
  } finally {
    socket.destroy();
  }
}

async function joinAll(sessions: PostgresConnection[], snapshot: string, signal: AbortSignal) {
  const sql = `${BEGIN}; set transaction snapshot '${snapshot}'; select 1`;
  await Promise.all(sessions.map((session) => session.ask(sql, signal)));
}

async function joinEachOther([first, ...others]: PostgresConnection[], signal: AbortSignal) {
  const sql = `${BEGIN}; select pg_export_snapshot() as name`;
  const answers = await first?.ask(sql, signal);
  await joinAll(others, String(answers?.at(-1)?.[0]?.name), signal);
}

function waitedInVain(where: string, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'proof-blocked',
    message: `No common moment of both databases could be had at ${where}.`,
    why: 'A transaction that began earlier has been open all the while.',
    next: 'Find it and wait for it, or end it: select pid, xact_start, application_name from pg_stat_activity where xact_start is not null order by xact_start;',
    cause,
  });
}
