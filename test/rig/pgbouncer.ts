import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { askPostgres, type TestPostgres } from './postgres.ts';
import { findProgram } from './programs.ts';
import { until } from './until.ts';

/** A pooler in front of `server`: one session there for everybody, lent for a transaction each. */
export async function startPooler(server: TestPostgres) {
  const port = await freePort();
  const dir = join(server.dir, `pooler-${port}`);
  const [users, config] = [join(dir, 'users.txt'), join(dir, 'pgbouncer.ini')];
  const { username, password } = new URL(server.url());
  await mkdir(dir, { mode: 0o755 });
  await server.write(users, `"${username}" "${decodeURIComponent(password)}"\n`);
  await server.write(config, configFile(server.port, port, users));
  const program = findProgram('pgbouncer') ?? 'pgbouncer';
  const child = execa(program, [config], { ...server.asServer, reject: false, all: true });
  const url = server.url().replace(`:${server.port}/`, `:${port}/`);
  const answers = () => askPostgres(url, 'select 1').then(Boolean, () => false);
  await until(async () => child.exitCode !== null || (await answers()), 20_000, 'pgbouncer');
  if (child.exitCode !== null) throw new Error((await child).all);
  return {
    port,
    url,
    close: async () => {
      child.kill('SIGTERM');
      await child;
    },
  };
}

function configFile(serverPort: number, port: number, users: string): string {
  return [
    '[databases]',
    `* = host=127.0.0.1 port=${serverPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    'default_pool_size = 1',
  ].join('\n');
}
