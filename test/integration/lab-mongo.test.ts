import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Caller, describeHttpInterface } from '../rig/http-interface.ts';
import { mongodNeed, startLab, type TestLab } from '../rig/lab.ts';
import { describeWith } from '../rig/needs.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

describeWith(mongodNeed, 'a lab on MongoDB', () => {
  let dir: string;
  let host: TestLab;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'portsync-lab-mongo-'));
    host = await startLab({ db: 'mongo', dir });
  });
  afterAll(async () => {
    await host?.stop();
    await rm(dir, { recursive: true });
  });

  describeHttpInterface('its app', () => host.info.app);

  it('has two replica sets, the first full and the second empty, both giving their changes', async () => {
    const names = [host.info.database, host.info.target].map((url) =>
      withClient(url, async (client) => {
        const db = client.db();
        const changes = db.watch();
        await changes.tryNext();
        await changes.close();
        return (await db.listCollections().toArray()).map(({ name }) => name).sort();
      }),
    );
    const [first, second] = await Promise.all(names);
    const own = ['idempotencyKeys', 'loginFailures', 'notes', 'users'];
    expect(first).toEqual([...own, 'comments', 'events', 'teams'].sort());
    expect(second).toEqual([]);
  });

  it('can freeze its database for the app, whose user is no root', async () => {
    await withClient(host.info.database, async (client) => {
      const block = (on: boolean) =>
        client.db('admin').command({ setUserWriteBlockMode: 1, global: on });
      await block(true);
      try {
        const write = client.db().collection('notes').insertOne({ text: 'frozen' });
        await expect(write).rejects.toMatchObject({ code: 371 });
        const someone = new Caller(host.info.app);
        const refused = await someone.send('POST', '/api/signup', someone.account);
        expect(refused.status).toBe(503);
      } finally {
        await block(false);
      }
    });
  });

  it('starts again with what it had', async () => {
    const someone = await new Caller(host.info.app).signUp();
    await someone.write('still here');
    await host.stop();
    host = await startLab({ db: 'mongo', dir, replicas: 1 });
    const same = new Caller(host.info.app);
    same.token = someone.token;
    expect(await same.texts()).toEqual(['still here']);
  });
});

async function withClient<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

describe('a lab on MongoDB, without a mongod', () => {
  it('says where it looked and how to get one', async () => {
    const before = process.env.PORTSYNC_MONGOD;
    process.env.PORTSYNC_MONGOD = '/nowhere/mongod';
    try {
      const failure = await startLab({ db: 'mongo' }).catch((error) => error);
      expect(failure).toMatchObject({ code: 'no-mongod' });
      expect(failure.why).toContain('/nowhere/mongod');
    } finally {
      if (before === undefined) delete process.env.PORTSYNC_MONGOD;
      else process.env.PORTSYNC_MONGOD = before;
    }
  });
});
