import { afterAll, beforeAll, expect, it } from 'vitest';
import { MongoStore } from '../../starter/lib/mongo-store.ts';
import { mongod, startStandalone, type TestMongod } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';
import { until } from '../rig/until.ts';

describeWith(mongod, 'the app’s store in MongoDB', () => {
  let server: TestMongod;
  let store: MongoStore;
  beforeAll(async () => {
    server = await startStandalone();
    store = new MongoStore(server.url());
  });
  afterAll(async () => {
    await store?.close();
    await server?.close();
  });

  const ready = () =>
    store.ready().then(
      () => true,
      () => false,
    );

  it('gets ready when its server comes later than itself', async () => {
    await server.stop();
    expect(await ready()).toBe(false);
    await server.start();
    await until(ready, 30_000, 'the store is ready');
  });
});
