import { afterAll, beforeAll, expect, it } from 'vitest';
import { shareOfProbe } from '../rig/budget.ts';
import { cpuOf, proc, threadNamed } from '../rig/cpu.ts';
import { mongod, startReplicaSet, type TestMongod } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';

describeWith(mongod.missing ? mongod : proc, 'MongoDB’s monitoring budget', () => {
  let server: TestMongod;
  beforeAll(async () => {
    [server] = (await startReplicaSet()) as [TestMongod];
  });
  afterAll(() => server?.close());

  it('is at most 1 % of the server’s CPU under load, over one connection', async () => {
    const share = await shareOfProbe({
      name: 'mongo',
      url: server.url(),
      load: (signal) => writeAndRead(server, signal),
      probe: () => probesThread(server),
      serverCpuMs: () => cpuOf(server.pid),
    });
    expect(share).toBeLessThanOrEqual(1);
  });
});

/** Every connection has a thread of its own, by the connection's name. */
async function probesThread(server: TestMongod): Promise<{ id: number; cpuMs: number }> {
  const pipeline = [
    { $currentOp: { allUsers: true, idleConnections: true } },
    { $match: { appName: 'portsync' } },
  ];
  const { cursor } = await server.run({ aggregate: 1, pipeline, cursor: {} });
  expect(cursor.firstBatch).toHaveLength(1);
  const id = threadNamed(server.pid, cursor.firstBatch[0].desc) ?? 0;
  return { id, cpuMs: cpuOf(server.pid, id) };
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
