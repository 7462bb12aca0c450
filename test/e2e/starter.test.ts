import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Caller, describeHttpInterface } from '../rig/http-interface.ts';
import { mongod, startReplicaSet, type TestMongod } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { buildStarter, type StarterReplica, startStarter } from '../rig/starter.ts';
import { until } from '../rig/until.ts';

// Installs and builds a Next.js app the first time.
let standalone: string;
beforeAll(async () => {
  standalone = await buildStarter();
}, 600_000);

describe('the starter on PostgreSQL', () => {
  let postgres: TestPostgres;
  let one: StarterReplica;
  let DATABASE_URL: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    DATABASE_URL = postgres.url();
    one = await startStarter(standalone, { DATABASE_URL });
  });
  afterAll(async () => {
    await one?.stop();
    await postgres?.close();
  });

  describeHttpInterface('the starter', () => one.url);

  it('takes a token on every replica, also on one that started later', async () => {
    const someone = await new Caller(one.url).signUp();
    await someone.write('from the first');
    const later = await startStarter(standalone, { DATABASE_URL, name: 'web.2' });
    try {
      const there = new Caller(later.url);
      there.token = someone.token;
      const { headers } = await there.send('GET', '/api/notes');
      expect(headers.get('x-portsync-replica')).toBe('web.2');
      expect(await there.texts()).toEqual(['from the first']);
    } finally {
      await later.stop();
    }
  });

  it('takes tokens of the secret before, and signs with the new one', async () => {
    const someone = await new Caller(one.url).signUp();
    const JWT_SECRET = 'another secret for tests, of a good length';
    const previous = 'a secret for tests only, of a good length';
    const rotated = await startStarter(standalone, {
      DATABASE_URL,
      JWT_SECRET,
      JWT_SECRET_PREVIOUS: previous,
    });
    try {
      const there = new Caller(rotated.url);
      there.token = someone.token;
      expect((await there.send('GET', '/api/notes')).status).toBe(200);
      const fresh = await new Caller(rotated.url).signUp();
      const back = new Caller(one.url);
      back.token = fresh.token;
      expect((await back.send('GET', '/api/notes')).status).toBe(401);
    } finally {
      await rotated.stop();
    }
  });

  it('slows down whoever guesses passwords, on all replicas at once', async () => {
    const victim = await new Caller(one.url).signUp();
    const other = await startStarter(standalone, { DATABASE_URL, name: 'web.2' });
    try {
      const guess = (url: string) =>
        new Caller(url).send('POST', '/api/login', { ...victim.account, password: 'wrong guess' });
      for (let n = 0; n < 10; n += 1) await guess(n % 2 ? one.url : other.url);
      expect((await guess(one.url)).status).toBe(429);
      expect((await guess(other.url)).status).toBe(429);
      const elsewhere = { 'x-forwarded-for': '203.0.113.9' };
      const login = await victim.send('POST', '/api/login', victim.account, elsewhere);
      expect(login.status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it('ends what runs when it is asked to go, and takes nothing new', async () => {
    const leaving = await startStarter(standalone, { DATABASE_URL, name: 'web.9' });
    const someone = await new Caller(leaving.url).signUp();
    const blocker = await postgres.connect();
    await blocker.query('begin; lock table notes in access exclusive mode');
    const running = someone.send('POST', '/api/notes', { text: 'under way' });
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock'`;
    await until(async () => (await postgres.query(waiting)).length > 0);
    const exited = leaving.stop();
    await blocker.query('select pg_sleep(1); commit');
    await blocker.end();
    expect((await running).status).toBe(201);
    expect(await exited).toBe(143);
    await expect(someone.send('GET', '/api/notes')).rejects.toThrow();
  });

  it('sends security headers with its pages', async () => {
    const { headers } = await fetch(`${one.url}/login`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-portsync-replica')).toBe('web.1');
  });
});

describeWith(mongod, 'the starter on MongoDB', () => {
  let members: TestMongod[];
  let one: StarterReplica;
  beforeAll(async () => {
    members = await startReplicaSet();
    const DATABASE_URL = members[0]?.url({ database: 'app' }) ?? '';
    one = await startStarter(standalone, { DATABASE_URL });
  });
  afterAll(async () => {
    await one?.stop();
    await Promise.all((members ?? []).map((member) => member.close()));
  });

  describeHttpInterface('the starter', () => one.url);
});
