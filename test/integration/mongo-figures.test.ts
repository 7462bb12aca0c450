import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { mongod, startReplicaSet, startStandalone, type TestMongod } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';
import { closer, watch } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

const SLOW = { $where: 'sleep(2500) || true', text: 'x', _id: { $gte: 0 as never } };

async function session(server: TestMongod, access = {}): Promise<MongoClient> {
  return later(await server.connect(access));
}

describeWith(mongod, 'MongoDB’s figures', () => {
  let server: TestMongod;
  beforeAll(async () => {
    [server] = (await startReplicaSet()) as [TestMongod];
    const client = await server.connect();
    const notes = Array.from({ length: 1000 }, (_, _id) => ({ _id: _id as never, text: 'x' }));
    await client.db('shop').collection('notes').insertMany(notes);
    await client.close();
  });
  afterAll(() => server?.close());

  it('say what the server is, where, and how large', async () => {
    const figures = await later(watch(server.url())).look();
    const { version } = await server.run({ buildInfo: 1 });
    const { totalSize } = await server.run({ dbStats: 1 }, 'shop');
    expect(figures).toMatchObject({
      kind: 'mongo',
      version,
      where: `127.0.0.1:${server.port}/shop`,
      here: true,
      sizeBytes: totalSize,
      transactionsPerSecond: null,
      longestTransactionMs: 0,
      blocked: 0,
      replication: [],
      hint: null,
    });
  });

  it('come over one connection, which is among those that they count', async () => {
    const { look } = later(watch(server.url()));
    const client = await session(server);
    const before = (await client.db('admin').command({ serverStatus: 1 })).connections.current;
    const after = (await look()).connections;
    expect(after?.used).toBe(before + 1);
    expect(after?.max).toBeGreaterThan(before);
    await look();
    const { connections } = await client.db('admin').command({ serverStatus: 1 });
    expect(connections.current).toBe(before + 1);
  });

  it('count the reads and writes of others, and none of their own', async () => {
    const { look, until } = later(watch(server.url()));
    const notes = (await session(server)).db('shop').collection('notes');
    await look();
    const from = performance.now();
    for (let i = 0; i < 300; i += 1) {
      await notes.findOne({ text: 'x' });
      await notes.updateOne({ text: 'x' }, { $set: { seen: i } });
      if (i % 20 === 0) await sleep(50);
    }
    const { transactionsPerSecond, cacheHitPercent } = await look();
    const counted = ((transactionsPerSecond ?? 0) * (performance.now() - from)) / 1000;
    expect(counted).toBeGreaterThan(500);
    expect(counted).toBeLessThan(800);
    expect(cacheHitPercent).toBeGreaterThan(90);
    await until((idle) => expect(idle.transactionsPerSecond).toBeLessThan(2));
  });

  it('show a slow query without any value', async () => {
    const { until } = later(watch(server.url()));
    const notes = (await session(server)).db('shop').collection('notes');
    const running = notes.find(SLOW).sort({ _id: 1 }).limit(1).toArray();
    const { slow } = await until((seen) => expect(seen.slow).toHaveLength(1));
    expect(slow[0]?.text).toBe(
      'find notes filter: {$where: ?, text: ?, _id: {$gte: ?}}, sort: {_id: ?}, limit: ?',
    );
    expect(slow[0]?.ms).toBeGreaterThanOrEqual(1000);
    await running;
  });

  it('show a transaction that stays open', async () => {
    const { until, look } = later(watch(server.url()));
    const client = await session(server);
    const held = client.startSession();
    held.startTransaction();
    await client.db('shop').collection('notes').insertOne({ text: 'y' }, { session: held });
    const seen = await until((figures) =>
      expect(figures.longestTransactionMs).toBeGreaterThan(1500),
    );
    expect(seen.slow).toEqual([]);
    await held.abortTransaction();
    await held.endSession();
    expect((await look()).longestTransactionMs).toBe(0);
  });

  it('show writes that wait for a lock', async () => {
    const { until } = later(watch(server.url()));
    const notes = (await session(server)).db('shop').collection('notes');
    await server.run({ fsync: 1, lock: true });
    const waiting = notes.insertOne({ text: 'hidden' });
    try {
      const { blocked, slow } = await until((seen) => expect(seen.slow).toHaveLength(1));
      expect(blocked).toBe(1);
      expect(slow[0]?.text).toMatch(/^insert notes/);
      expect(JSON.stringify(slow)).not.toContain('hidden');
    } finally {
      await server.run({ fsyncUnlock: 1 });
    }
    await waiting;
    await until((seen) => expect(seen.blocked).toBe(0));
  });

  it('are fewer for a user without clusterMonitor, which is said, and all once it is granted', async () => {
    const roles = [{ role: 'readWrite', db: 'shop' }];
    await server.run({ createUser: 'app', pwd: 'pw', roles });
    const app = { user: 'app', password: 'pw' };
    const { until } = later(watch(server.url(app)));
    const own = (await session(server, app)).db('shop').collection('notes');
    const running = own.find({ $where: 'sleep(3000) || true' }).limit(1).toArray();
    const seen = await until((figures) => expect(figures.slow).toHaveLength(1));
    expect(seen).toMatchObject({ connections: null, longestTransactionMs: null });
    expect(seen.sizeBytes).toBeGreaterThan(0);
    expect(seen.hint).toContain('clusterMonitor');
    await running;
    const clusterMonitor = [{ role: 'clusterMonitor', db: 'admin' }];
    await server.run({ grantRolesToUser: 'app', roles: clusterMonitor });
    expect(await later(watch(server.url(app))).look()).toMatchObject({ hint: null });
  });
});

describeWith(mongod, 'MongoDB on its own', () => {
  it('gives its figures too', async () => {
    const server = later(await startStandalone());
    const { look, until } = later(watch(server.url()));
    expect(await look()).toMatchObject({ replication: [], hint: null, blocked: 0 });
    await until(({ transactionsPerSecond }) => expect(transactionsPerSecond).not.toBeNull());
  });
});

describeWith(mongod, 'MongoDB’s replica set', () => {
  it('is watched at its primary, and tells how far its members are', async () => {
    const [primary, second] = (await startReplicaSet(2)) as [TestMongod, TestMongod];
    later(primary);
    later(second);
    const { until, look } = later(watch(second.url()));
    const caughtUp = await until(({ replication }) =>
      expect(replication).toMatchObject([{ name: second.address, state: 'secondary' }]),
    );
    expect(caughtUp.hint).toBeNull();
    const notes = (await session(primary)).db('shop').collection('notes');
    second.signal('SIGSTOP');
    try {
      await sleep(1500);
      await notes.insertOne({ text: 'x' });
      await until(({ replication }) => expect(replication[0]?.lagMs).not.toBe(0));
    } finally {
      second.signal('SIGCONT');
    }
    await until(({ replication }) => expect(replication[0]).toMatchObject({ lagMs: 0 }));
    await second.stop();
    await until(({ replication }) => expect(replication[0]?.lagMs).toBeNull());
    expect((await look()).replication[0]?.state).toContain('not reachable');
  }, 120_000);
});
