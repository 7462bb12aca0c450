import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { parse } from 'dotenv';
import writeFileAtomic from 'write-file-atomic';
import type { Databases } from '../servers/databases.ts';
import type { Home } from './home.ts';

/**
 * Writes the files that make `home` a project, and answers the app's environment. What is there is
 * kept, but for the ports of servers that moved.
 */
export async function writeProject(
  home: Home,
  databases: Databases,
): Promise<ReadonlyMap<string, string>> {
  if (!(await exists(home.settings))) {
    await writeFileAtomic(home.settings, 'app: lab\n', { mode: 0o644 });
  }
  const there = await readFile(home.env, 'utf8').catch(() => null);
  const text = there === null ? firstEnv(databases) : withPorts(there, databases);
  if (text !== there) await writeFileAtomic(home.env, text, { mode: 0o600 });
  return new Map(Object.entries(parse(text)));
}

function firstEnv({ db }: Databases): string {
  const secret = randomBytes(32).toString('base64url');
  return [
    '# The lab’s app. Its secrets were made for this lab, and are good for nothing else.',
    `DATABASE_URL=${db.url}`,
    `JWT_SECRET=${secret}`,
    '',
  ].join('\n');
}

/** A server that found its port taken has another one now. */
export function withPorts(env: string, { db, cloud, before }: Databases): string {
  if (!before) return env;
  const ports = new Map([
    [before.db.port, db.identity.port],
    [before.cloud.port, cloud.identity.port],
  ]);
  return env.replace(/@127\.0\.0\.1:(\d+)\//g, (whole, port) => {
    const now = ports.get(Number(port));
    return now === undefined ? whole : `@127.0.0.1:${now}/`;
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
