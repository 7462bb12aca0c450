import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mayMove } from '../../src/services/database/addresses.ts';
import { bundle } from '../rig/bundle.ts';
import { cutProxy } from '../rig/cut-proxy.ts';
import { FEED, feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';
import { CONTENTS, SCHEMA, seeded, work } from '../rig/follow-workload.ts';
import { until } from '../rig/until.ts';

describe('following PostgreSQL through failures', () => {
  let pair: Pair;
  let dir: string;
  let program: string;
  const random = seeded(77);
  beforeAll(async () => {
    pair = await startPair();
    dir = await mkdtemp(join(tmpdir(), 'portsync-test-follow-'));
    program = await bundle(new URL('../rig/follow-child.ts', import.meta.url).pathname, dir);
    await pair.both(SCHEMA);
    await feedOf(pair);
  });
  afterAll(async () => {
    await pair?.close();
    await rm(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    pair.progress = null;
  });

  const equal = async () =>
    expect(await pair.target.query(CONTENTS)).toEqual(await pair.source.query(CONTENTS));

  /** An app that writes on until it is stopped, whatever becomes of its connections. */
  const app = () => {
    let running = true;
    const writing = (async () => {
      while (running) {
        const client = await pair.source.connect().catch(() => null);
        await client
          ?.query('select 1')
          .then(async () => {
            while (running) await work(client, random, 5);
          })
          .catch(() => {});
        await client?.end().catch(() => {});
      }
    })();
    return async () => {
      running = false;
      await writing;
    };
  };

  it('has every change exactly once, killed at any moment', async () => {
    const stop = app();
    for (let round = 0; round < 8; round += 1) {
      const env = { ...process.env, SOURCE: pair.source.url(), TARGET: pair.target.url(), FEED };
      const child = spawn(process.execPath, [program], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let applied = 0;
      child.stdout.on('data', (text) => {
        applied = Number(String(text).trim().split('\n').at(-1));
      });
      await until(() => applied > 20, 30_000);
      await new Promise((resolve) => setTimeout(resolve, random(300)));
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await stop();
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    await follow.stop();
    await equal();
  }, 180_000);

  it.each(['source', 'target'] as const)(
    'goes on when the %s crashes and comes back',
    async (side) => {
      const follow = await pair.follow();
      const stop = app();
      for (let round = 0; round < 2; round += 1) {
        const before = pair.progress?.changes ?? 0;
        await until(() => (pair.progress?.changes ?? 0) > before + 20, 30_000);
        await pair[side].stop('immediate');
        await until(() => pair.progress?.waiting, 30_000);
        await pair[side].start();
        await until(() => pair.progress?.waiting === null, 60_000);
      }
      await stop();
      await follow.caughtUp(limit());
      await follow.stop();
      await equal();
    },
    180_000,
  );

  it('keeps the source from shutting down no longer than it needs', async () => {
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    // Its end is the last of the log, and nothing that is followed.
    const undone = await pair.source.connect();
    await undone.query('begin; create table undone (id int)');
    await pair.source.stop('fast');
    await pair.source.start();
    await follow.caughtUp(limit());
    await follow.stop();
    await equal();
  }, 60_000);

  it('finds a source again that has started at another address', async () => {
    await pair.source.set({ listen_addresses: '127.0.0.1,127.0.0.2' });
    await pair.source.restart();
    mayMove('127.0.0.2', async () => '127.0.0.1');
    const from = pair.source.url().replace('127.0.0.1', '127.0.0.2');
    const follow = await pair.follow({ from });
    const stop = app();
    await until(() => (pair.progress?.changes ?? 0) > 5, 60_000);
    await pair.source.set({ listen_addresses: '127.0.0.1' });
    await pair.source.restart();
    const before = pair.progress?.changes ?? 0;
    await until(() => (pair.progress?.changes ?? 0) > before + 5, 60_000);
    await stop();
    await follow.caughtUp(limit());
    await follow.stop();
    await equal();
  }, 180_000);

  it('goes on when the network is cut on both sides', async () => {
    const [near, far] = [await cutProxy(pair.source.port), await cutProxy(pair.target.port)];
    const through = (url: string, port: number) => url.replace(/:\d+\//, `:${port}/`);
    const follow = await pair.follow({
      from: through(pair.source.url(), near.port),
      to: through(pair.target.url(), far.port),
    });
    const stop = app();
    for (let round = 0; round < 6; round += 1) {
      const before = pair.progress?.changes ?? 0;
      await until(() => (pair.progress?.changes ?? 0) > before + 5, 30_000);
      const proxy = round % 2 ? near : far;
      proxy.cut();
      await until(() => pair.progress?.waiting, 30_000);
      expect(pair.progress?.waiting?.code).toMatch(/^database-/);
      proxy.mend();
      await until(() => pair.progress?.waiting === null, 60_000);
    }
    await stop();
    await follow.caughtUp(limit());
    await follow.stop();
    await equal();
    await Promise.all([near.close(), far.close()]);
  }, 180_000);
});
