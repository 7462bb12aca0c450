import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { databaseProbe } from '../../src/services/database/probe.ts';
import { poll } from '../../src/state/poller.ts';
import { cpuOf, proc, threadNamed } from '../rig/cpu.ts';
import { mongod, startReplicaSet, type TestMongod } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';
import { until } from '../rig/until.ts';

const MEASURED_MS = 24_000;

describeWith(mongod.missing ? mongod : proc, 'MongoDB’s monitoring budget', () => {
  it('is at most 1 % of the server’s CPU under load, over one connection', async () => {
    const [server] = (await startReplicaSet()) as [TestMongod];
    const stop = new AbortController();
    const probe = databaseProbe(server.url());
    try {
      const load = Promise.all([1, 2, 3, 4].map(() => writeAndRead(server, stop.signal)));
      let looks = 0;
      const polling = poll(probe, () => (looks += 1), stop.signal);
      await until(() => looks >= 2);
      const thread = await probesThread(server);
      const before = { probe: cpuOf(server.pid, thread), all: cpuOf(server.pid), looks };
      await sleep(MEASURED_MS);
      const probeMs = cpuOf(server.pid, thread) - before.probe;
      const allMs = cpuOf(server.pid) - before.all;
      expect(await probesThread(server)).toBe(thread);
      stop.abort();
      await Promise.all([load, polling]);
      const share = (100 * probeMs) / allMs;
      console.log(
        `mongo: ${looks - before.looks} looks took ${probeMs} ms of ${allMs} ms CPU: ${share.toFixed(2)} %`,
      );
      expect(looks - before.looks).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
    } finally {
      stop.abort();
      await probe.close();
      await server.close();
    }
  });
});

/** Every connection has a thread of its own, by the connection's name. */
async function probesThread(server: TestMongod): Promise<number> {
  const pipeline = [
    { $currentOp: { allUsers: true, idleConnections: true } },
    { $match: { appName: 'portsync' } },
  ];
  const { cursor } = await server.run({ aggregate: 1, pipeline, cursor: {} });
  expect(cursor.firstBatch).toHaveLength(1);
  return threadNamed(server.pid, cursor.firstBatch[0].desc) ?? 0;
}

async function writeAndRead(server: TestMongod, signal: AbortSignal): Promise<void> {
  const client = await server.connect();
  const accounts = client.db('shop').collection<{ _id: number; balance: number }>('accounts');
  const any = () => ({ _id: Math.ceil(Math.random() * 10_000) });
  while (!signal.aborted) {
    await accounts.updateOne(any(), { $inc: { balance: 1 } }, { upsert: true });
    await accounts.findOne(any());
  }
  await client.close();
}
