import { setTimeout as sleep } from 'node:timers/promises';
import { PortSyncError } from '../../../errors.ts';
import { blocker, type Finding, fine } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { askAll, couldNotCheck, type Facts } from './ask.ts';
import { databaseSettings } from './check-settings.ts';
import { collations } from './check-text.ts';
import { connections } from './connections.ts';
import { freeDisk } from './disk.ts';
import { type Distance, measureDistance } from './distance.ts';
import { contents } from './empty.ts';
import { sizes } from './estimate.ts';
import { extensions, offers } from './extensions.ts';
import { leftovers } from './leftovers.ts';
import { log, type Position, position, rateBetween } from './log.ts';
import { languages, objects, subscriptions } from './objects.ts';
import { everyRole, namedRoles } from './roles.ts';
import { type Server, server } from './server.ts';
import { sessions } from './sessions.ts';
import { tables } from './tables.ts';
import { isHere, type Way } from './tls.ts';
import { APPLICATION, mayPassTriggers, pidsOfTwo, tryStreaming } from './trials.ts';

const CONNECT_LIMIT_MS = 15_000;
/** The log's rate is measured over at least this long. */
const SAMPLE_MS = 1000;

const sourceQueries = (version: number) => ({
  tables,
  log,
  position,
  sizes,
  sessions,
  connections,
  objects,
  subscriptions,
  extensions,
  namedRoles,
  databaseSettings,
  leftovers,
  collations: collations(version),
});

const targetQueries = (version: number) => ({
  log,
  connections,
  contents,
  everyRole,
  languages,
  databaseSettings,
  leftovers,
  offers: offers(version),
  collations: collations(version),
});

/** What both sides are asked and tried. */
interface Common {
  server: Server;
  way: Way;
  distance: Distance | null;
  pids: [number, number] | null;
  /** What stood in the way of a replication connection; null: nothing. */
  streaming: PortSyncError | null;
}

export interface Source extends Common {
  facts: Facts<ReturnType<typeof sourceQueries>>;
  logRate: number | null;
  freeDiskBytes: number | null;
}

export interface Target extends Common {
  facts: Facts<ReturnType<typeof targetQueries>>;
  mayPassTriggers: boolean | null;
}

/** `seen` is null where the server could not be reached; `findings` then says why. */
export interface Looked<T> {
  seen: T | null;
  findings: Finding[];
}

export function lookAtSource(
  url: string,
  container: boolean,
  signal: AbortSignal,
): Promise<Looked<Source>> {
  return withServer('source', url, signal, async (connection, common, note) => {
    const { version } = common.server;
    const { facts, unknown } = await askAll(connection, 'source', sourceQueries(version), signal);
    note(...unknown);
    const here = isHere(connection.remoteAddress);
    return {
      ...common,
      facts,
      logRate: facts.position && (await measureLog(connection, facts.position, signal)),
      freeDiskBytes: here ? await freeDisk(facts.log?.dataDirectory ?? null, container) : null,
    };
  });
}

export function lookAtTarget(url: string, signal: AbortSignal): Promise<Looked<Target>> {
  return withServer('target', url, signal, async (connection, common, note) => {
    const { version } = common.server;
    const { facts, unknown } = await askAll(connection, 'target', targetQueries(version), signal);
    note(...unknown);
    const attempt = () => mayPassTriggers(connection, signal);
    return { ...common, facts, mayPassTriggers: await trial('target', 'triggers', note, attempt) };
  });
}

type Note = (...findings: Finding[]) => void;

async function withServer<T>(
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

const limited = (signal: AbortSignal) =>
  AbortSignal.any([signal, AbortSignal.timeout(CONNECT_LIMIT_MS)]);

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
async function trial<T>(
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

async function measureLog(
  connection: PostgresConnection,
  before: Position,
  signal: AbortSignal,
): Promise<number | null> {
  await sleep(SAMPLE_MS, null, { signal });
  const { facts } = await askAll(connection, 'source', { position }, signal);
  return facts.position && rateBetween(before, facts.position);
}
