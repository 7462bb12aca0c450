import { PortSyncError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import { blocker, type Finding, fine } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { askAll, couldNotCheck } from './ask.ts';
import { type Distance, measureDistance } from './distance.ts';
import { type Server, server } from './server.ts';
import { isHere, type Way } from './tls.ts';
import { APPLICATION, pidsOfTwo, tryStreaming } from './trials.ts';

const CONNECT_LIMIT_MS = 15_000;

/** What both sides are asked and tried. */
export interface Common {
  server: Server;
  way: Way;
  distance: Distance | null;
  pids: [number, number] | null;
  /** What stood in the way of a replication connection; null: nothing. */
  streaming: PortSyncError | null;
}

/** `seen` is null where the server could not be reached; `findings` then says why. */
export interface Looked<T> {
  seen: T | null;
  findings: Finding[];
}

/** Keeps what was found on the way. */
export type Note = (...findings: Finding[]) => void;

/** Connects, learns what either side is asked, looks, and leaves. */
export async function visit<T>(
  side: Side,
  url: string,
  signal: AbortSignal,
  look: (connection: PostgresConnection, common: Common, note: Note) => Promise<T>,
): Promise<Looked<T>> {
  const findings: Finding[] = [];
  const note: Note = (...more) => findings.push(...more);
  const connection = await open(side, url, note, signal);
  if (!connection) return { seen: null, findings };
  try {
    const { facts, unknown } = await askAll(connection, side, { server }, signal);
    note(...unknown);
    if (!facts.server) return { seen: null, findings };
    const common = {
      server: facts.server,
      way: {
        encrypted: connection.tls !== 'none',
        verified: connection.tls === 'verified',
        local: isHere(connection.remoteAddress),
      },
      distance: await trial(side, 'the way there', note, () => measureDistance(connection, signal)),
      pids: await trial(side, 'a second session', note, () => pidsOfTwo(url, connection, signal)),
      streaming: await tryStreaming(url, limited(signal)),
    };
    return { seen: await look(connection, common, note), findings };
  } finally {
    await connection.close();
  }
}

const limited = (signal: AbortSignal) => timeLimit(CONNECT_LIMIT_MS, signal);

async function open(
  side: Side,
  url: string,
  note: Note,
  signal: AbortSignal,
): Promise<PostgresConnection | null> {
  try {
    const connection = await connectPostgres(url, APPLICATION, limited(signal));
    note(fine('reachable', side, `The ${side} answers, and lets this user in.`));
    return connection;
  } catch (error) {
    if (!(error instanceof PortSyncError) || signal.aborted) throw error;
    const { message, why, next } = error;
    note(blocker('reachable', side, { message, why, cure: next }));
    return null;
  }
}

/** What can only be tried. A failure is told, and hides nothing else. */
export async function trial<T>(
  side: Side,
  about: string,
  note: Note,
  attempt: () => Promise<T>,
): Promise<T | null> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof PortSyncError) || error.code === 'cancelled') throw error;
    note(couldNotCheck(side, about, error));
    return null;
  }
}
