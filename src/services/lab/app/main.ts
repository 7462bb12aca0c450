import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Store } from '../../../../starter/lib/store.ts';
import { Tokens } from './auth.ts';
import { notesApp } from './server.ts';

const LEAVE_LIMIT_MS = 10_000;

const log = (line: string) => void process.stdout.write(`${line}\n`);
const { DATABASE_URL = '', JWT_SECRET = '', PORT = '3000', HOSTNAME = '127.0.0.1' } = process.env;
const replica = process.env.PORTSYNC_REPLICA ?? 'web';

if (!DATABASE_URL || JWT_SECRET.length < 16) {
  log('DATABASE_URL and JWT_SECRET (16 characters or more) must be set.');
  process.exit(1);
}

void serve();

async function serve(): Promise<void> {
  const store = await openStore(DATABASE_URL);
  let leaving = false;
  const tokens = new Tokens(JWT_SECRET);
  const server = notesApp({ replica, store, tokens, log, leaving: () => leaving });
  // Longer than balancers keep an idle connection, so that it is they who close it.
  server.keepAliveTimeout = 75_000;
  server.listen(Number(PORT), HOSTNAME, () => log(`${replica} listens on ${HOSTNAME}:${PORT}`));

  process.once('SIGTERM', () => {
    leaving = true;
    void leave(server, store);
  });
  // Started by a parent that is gone: nobody is left to ask for anything.
  if (process.connected === false) process.exit(0);
  process.once('disconnect', () => process.exit(0));
}

async function openStore(url: string): Promise<Store> {
  if (/^mongodb(\+srv)?:/.test(url)) {
    const { MongoStore } = await import('../../../../starter/lib/mongo-store.ts');
    return new MongoStore(url);
  }
  const { PostgresStore } = await import('../../../../starter/lib/postgres-store.ts');
  return new PostgresStore(url, (error) => log(`database connection lost: ${error.message}`));
}

/** Takes no new requests, answers the running ones, and goes. */
async function leave(server: Server, store: Store): Promise<void> {
  log(`${replica} is leaving`);
  setTimeout(() => process.exit(1), LEAVE_LIMIT_MS).unref();
  server.close();
  await once(server, 'close');
  await store.close();
  process.exit(0);
}
