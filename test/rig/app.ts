import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { ownProgram } from '../../src/services/programs.ts';
import { until } from './until.ts';

export interface TestReplica {
  name: string;
  port: number;
  /** As a crash would. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** One replica of the lab's app, a process of its own, on the database at `databaseUrl`. */
export async function startApp(name: string, databaseUrl: string): Promise<TestReplica> {
  const port = await freePort();
  const { command, args } = ownProgram('lab-app');
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: databaseUrl,
    JWT_SECRET: 'only for the tests of this file',
    PORT: String(port),
    PORTSYNC_REPLICA: name,
  };
  let child: ChildProcess | null = null;
  const replica: TestReplica = {
    name,
    port,
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async start() {
      // The channel ends it with this process.
      child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const ready = () => fetch(`http://127.0.0.1:${port}/api/ready`).then((res) => res.ok);
      await until(() => ready().catch(() => false), 60_000, `${name} is ready`);
    },
  };
  await replica.start();
  return replica;
}
