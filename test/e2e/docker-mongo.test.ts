import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'dotenv';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hashPassword } from '../../src/services/lab/app/auth.ts';
import { findMongod } from '../../src/services/lab/servers/mongo-binary.ts';
import { MongoStore } from '../../starter/lib/mongo-store.ts';
import { Caller } from '../rig/http-interface.ts';
import { APP_IMAGE, buildAppImage, loadMongoImage, MONGO_IMAGE } from '../rig/images.ts';
import { startLoad } from '../rig/load.ts';
import { mongod } from '../rig/mongod.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { mustRun } from '../rig/shop.ts';
import { type SwarmRig, startSwarmRig, swarmNeed } from '../rig/swarm.ts';
import { until } from '../rig/until.ts';

const MINUTE = 60_000;
const PER_SECOND = 100;
const AT_ONCE = 50;
const OLD_NOTE = 'of a single server';

vi.setConfig({ testTimeout: 5 * MINUTE, hookTimeout: 6 * MINUTE });

const needs: Need = {
  name: `${swarmNeed.name} and ${mongod.name}`,
  missing: swarmNeed.missing ?? mongod.missing,
};

describeWith(needs, 'the compose file with MongoDB that init writes', () => {
  let rig: SwarmRig;
  let someone: Caller;

  const run = (...args: string[]) => rig.portsync(...args, '--json').ended;
  const done = (...args: string[]) => mustRun(rig, ...args);

  const colour = async () =>
    (await someone.send('GET', '/api/health')).headers.get('x-portsync-replica')?.split('.')[0];

  async function untilReady(): Promise<void> {
    const ready = async () => (await someone.send('GET', '/api/ready')).status === 200;
    await until(() => ready().catch(() => false), 3 * MINUTE, 'the app is ready');
  }

  async function logIn(): Promise<void> {
    const { status, body } = await someone.send('POST', '/api/login', someone.account);
    expect(status).toBe(200);
    someone.token = body.token;
  }

  /** A POST that comes twice is a transaction, which only a replica set takes. */
  async function writeTwice(text: string): Promise<void> {
    const key = { 'idempotency-key': randomUUID() };
    const send = () => someone.send('POST', '/api/notes', { text }, key);
    const answers = [await send(), await send()];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
  }

  /** No request fails while `args` run, every acknowledged write is kept, and the other colour serves. */
  async function turn(...args: string[]): Promise<void> {
    const before = await colour();
    const stop = startLoad(someone, PER_SECOND, AT_ONCE);
    await sleep(500);
    await done(...args, '--yes').finally(() => sleep(500));
    const { failures, reads, writes, written } = await stop();
    expect([...new Set(failures)]).toEqual([]);
    expect(reads + writes).toBeGreaterThan(50);
    const kept = new Set(await someone.texts());
    expect(written.filter((text) => !kept.has(text))).toEqual([]);
    expect(await colour()).not.toBe(before);
  }

  beforeAll(async () => {
    rig = await startSwarmRig();
    const { docker } = rig.engine;
    await loadMongoImage(docker, (await findMongod()) ?? '');
    await buildAppImage(docker, 'notes-app:2');
    someone = new Caller(rig.url);
    await done('init', rig.dir, '--app', 'shop', '--image', APP_IMAGE, '--db', 'mongo', '--yes');
    const settings = 'app: shop\nweb: { replicas: 1 }\nrollout: { watchSeconds: 1 }\n';
    await writeFile(join(rig.dir, 'portsync.yaml'), settings);
    // What is waited for here is the first of these checks.
    const compose = join(rig.dir, 'docker-compose.yml');
    const often = (await readFile(compose, 'utf8')).replace('interval: 10s', 'interval: 2s');
    await writeFile(compose, often);
  });

  afterAll(() => rig?.close());

  it('is started by docker compose up, on an empty volume', async () => {
    await rig.shell('docker compose up --detach');
    await untilReady();
    await someone.signUp();
    await writeTwice('once');
    expect(await someone.texts()).toEqual(['once']);
    expect((await run('up', '--yes')).result.error?.code).toBe('compose-runs');
    await rig.shell('docker compose down');
  });

  it('is started by docker stack deploy, on the volume of a single server', async () => {
    await leaveSingleServer(rig, someone);
    await rig.shell('docker swarm init --advertise-addr 127.0.0.1');
    const deploy = 'docker stack deploy --resolve-image never --compose-file docker-compose.yml';
    await rig.shell(`set -a; . ./.env; ${deploy} shop`);
    await untilReady();
    await logIn();
    await writeTwice('of a set');
    expect(await someone.texts()).toEqual(['of a set', OLD_NOTE]);
    expect((await run('up', '--yes')).result.error?.code).toBe('stack-runs');
    await rig.shell('docker stack rm shop');
    const { docker } = rig.engine;
    const filters = { name: ['shop_default'] };
    const ended = async () =>
      (await docker.listContainers({ all: true })).length === 0 &&
      (await docker.listNetworks({ filters })).length === 0;
    await until(ended, 2 * MINUTE, 'the stack has ended');
  });

  it('is started by portsync up, on the volume of the set', async () => {
    await done('up', '--yes');
    await logIn();
    expect(await someone.texts()).toEqual(['of a set', OLD_NOTE]);
  });

  it('gets another image under load, and goes back', async () => {
    await turn('deploy', 'notes-app:2');
    await turn('rollback');
  });

  it('is whole again after its database was killed', async () => {
    const { docker } = rig.engine;
    const running = async () =>
      (await docker.listContainers({ filters: { name: ['shop_db'] } }))[0] ?? null;
    const before = await running();
    if (!before) throw new Error('There is no container of the database.');
    await docker.getContainer(before.Id).kill();
    const back = async () => {
      const now = await running();
      return now && now.Id !== before.Id && /\(healthy\)/.test(now.Status);
    };
    await until(back, 2 * MINUTE, 'another container of the database is healthy');
    await untilReady();
    await writeTwice('after that');
    expect(await someone.texts()).toContain(OLD_NOTE);
  });
});

/** The volume of the app's database as a server without a set, as init once described it, leaves it. */
async function leaveSingleServer({ engine, dir }: SwarmRig, { account }: Caller): Promise<void> {
  const { MONGO_PASSWORD = '' } = parse(await readFile(join(dir, '.env')));
  const server = await engine.docker.createContainer({
    Image: MONGO_IMAGE,
    Env: ['MONGO_INITDB_ROOT_USERNAME=app', `MONGO_INITDB_ROOT_PASSWORD=${MONGO_PASSWORD}`],
    HostConfig: {
      Binds: ['shop_db:/data/db'],
      PortBindings: { '27017/tcp': [{ HostPort: '27017' }] },
    },
    ExposedPorts: { '27017/tcp': {} },
  });
  await server.start();
  const store = new MongoStore(
    `mongodb://app:${MONGO_PASSWORD}@${engine.address}:27017/app?authSource=admin`,
  );
  const ready = () =>
    store.ready().then(
      () => true,
      () => false,
    );
  await until(ready, MINUTE, 'the single server is ready');
  const user = await store.createUser(account.email, await hashPassword(account.password), null);
  await store.createNote(user?.id ?? '', OLD_NOTE, null);
  await store.close();
  await server.stop();
  await server.remove();
}
