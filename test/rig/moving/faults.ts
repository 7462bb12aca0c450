import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Side } from '../../../src/model/migration.ts';
import { lookAt } from '../../../src/services/migration/look.ts';
import { placesOf } from '../../../src/services/migration/places.ts';
import { killForGood } from '../migration-worker.ts';
import { until } from '../until.ts';
import type { Phase } from './phases.ts';
import { MOVER, restart } from './servers.ts';
import type { Story } from './story.ts';

/** Something that happens to a migration, and is over when it resolves. */
export interface Fault {
  strike(story: Story): Promise<void>;
  /** Where it makes sense; everywhere unless told. */
  phases?: readonly Phase[];
  /** The migration goes on by itself, and the commands that watch it with it. */
  harmless?: true;
  /** The app's writes go on by themselves, wherever it struck. */
  mended?: true;
}

const AWAY_MS = 3_000;

export const FAULTS: Readonly<Record<string, Fault>> = {
  'its worker is killed, and nobody starts it again': {
    strike: (story) => killWorker(story, killForGood),
  },
  'its worker is killed': {
    strike: (story) => killWorker(story, (pid) => process.kill(pid, 'SIGKILL')),
    mended: true,
  },
  'the source restarts': { strike: ({ servers }) => restart(servers.source, 'fast') },
  'the source crashes': { strike: ({ servers }) => restart(servers.source, 'immediate') },
  'the target restarts': { strike: ({ servers }) => restart(servers.target, 'fast') },
  'the target crashes': { strike: ({ servers }) => restart(servers.target, 'immediate') },
  'its connections are cut once': { strike: (story) => cut(story, 0) },
  'its connections are cut for a while': { strike: (story) => cut(story, AWAY_MS) },
  'its password is wrong for a while': { strike: wrongPassword },
  'the disk of the target is full for a while': {
    strike: async ({ servers }) => {
      const free = await servers.fillDisk();
      await sleep(AWAY_MS);
      await free();
    },
    phases: ['copying', 'following', 'ready', 'trying to cut over', 'switched'],
  },
  'another PortSync is started': { strike: startAnother, harmless: true },
  'the command that began it is interrupted': {
    strike: async ({ commands }) => {
      for (const command of commands.splice(0)) {
        command.kill(Math.random() < 0.5 ? 'SIGTERM' : 'SIGINT');
        expect((await command.ended).code).toBe(130);
      }
    },
    phases: ['copying', 'following', 'freezing'],
    harmless: true,
  },
};

async function killWorker({ cli }: Story, kill: (pid: number) => void): Promise<void> {
  const places = placesOf(cli.project);
  const { worker } = await cli.status();
  if (!worker) throw new Error('Nobody works on it.');
  kill(worker.pid);
  const gone = async () => (await lookAt(places))?.worker?.pid !== worker.pid;
  await until(gone, 20_000, 'the worker is gone');
}

async function cut({ servers: { ways } }: Story, forMs: number): Promise<void> {
  for (const way of Object.values(ways)) way.cut();
  await sleep(forMs);
  for (const way of Object.values(ways)) way.mend();
}

async function wrongPassword({ servers }: Story): Promise<void> {
  const both = (['source', 'target'] satisfies Side[]).map((side) => servers[side]);
  const set = (password: string) =>
    Promise.all(
      both.map((server) => server.query(`alter role ${MOVER.user} password '${password}'`)),
    );
  await set('another');
  const sessions = `select pg_terminate_backend(pid) from pg_stat_activity
    where usename = '${MOVER.user}'`;
  await Promise.all(both.map((server) => server.query(sessions)));
  await sleep(AWAY_MS);
  await set(MOVER.password);
}

/** Twice: with another target, and to work on the same migration. */
async function startAnother({ cli, target }: Story): Promise<void> {
  const before = (await cli.status()).worker;
  const another = await cli.start(['-', '--yes'], target).ended;
  expect(another.code).not.toBe(0);
  const same = await cli.start(['--no-detach', '--yes']).ended;
  if (same.code !== 0) expect(same.result.error?.code).toBe('migration-held');
  expect((await cli.status()).worker).toEqual(before);
}
