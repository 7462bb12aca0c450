import type { PostgresConnection } from '../connection.ts';
import { askAll, type Facts } from './ask.ts';
import { databaseSettings } from './check-settings.ts';
import { collations } from './check-text.ts';
import { connections } from './connections.ts';
import { freeDisk } from './disk.ts';
import { contents } from './empty.ts';
import { sizes } from './estimate.ts';
import { extensions, offers } from './extensions.ts';
import { leftovers } from './leftovers.ts';
import { log, type Position, position, rateBetween } from './log.ts';
import { languages, objects, subscriptions } from './objects.ts';
import { everyRole, namedRoles } from './roles.ts';
import { sessions } from './sessions.ts';
import { tables } from './tables.ts';
import { isHere } from './tls.ts';
import { mayPassTriggers, pause } from './trials.ts';
import { type Common, type Looked, trial, visit } from './visit.ts';

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

export interface Source extends Common {
  facts: Facts<ReturnType<typeof sourceQueries>>;
  logRate: number | null;
  freeDiskBytes: number | null;
}

export interface Target extends Common {
  facts: Facts<ReturnType<typeof targetQueries>>;
  mayPassTriggers: boolean | null;
}

export function lookAtSource(
  url: string,
  container: boolean,
  signal: AbortSignal,
): Promise<Looked<Source>> {
  return visit('source', url, signal, async (connection, common, note) => {
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
  return visit('target', url, signal, async (connection, common, note) => {
    const { version } = common.server;
    const { facts, unknown } = await askAll(connection, 'target', targetQueries(version), signal);
    note(...unknown);
    const attempt = () => mayPassTriggers(connection, signal);
    return { ...common, facts, mayPassTriggers: await trial('target', 'triggers', note, attempt) };
  });
}

async function measureLog(
  connection: PostgresConnection,
  before: Position,
  signal: AbortSignal,
): Promise<number | null> {
  await pause(SAMPLE_MS, signal);
  const { facts } = await askAll(connection, 'source', { position }, signal);
  return facts.position && rateBetween(before, facts.position);
}
