import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../../src/errors.ts';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { PostgresMover } from '../../src/services/postgres/move/mover.ts';
import { preflightPostgres } from '../../src/services/postgres/preflight/preflight.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { startPooler } from '../rig/pgbouncer.ts';
import { otherVersions, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { applyCure, Pair, preflight } from '../rig/preflight.ts';
import { needProgram } from '../rig/programs.ts';
import { closer } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '30' } });
});
afterAll(() => server?.close());

describe('a source whose settings are not made for it', () => {
  const settings = {
    wal_level: 'replica',
    max_replication_slots: '0',
    max_wal_senders: '0',
    max_connections: '9',
  };

  it('is told each, and is well after one restart with all cures', async () => {
    const source = later(await startPostgres({ settings }));
    const urls = { source: source.url(), target: server.url() };
    const before = await preflight(urls);
    const ids = ['wal-level', 'replication-slots', 'wal-senders', 'source-connections'];
    expect(new Set(before.unwell)).toEqual(new Set(ids));
    for (const id of ids) await applyCure(before.trouble(id), source, {});
    await source.restart();
    expect((await preflight(urls)).unwell).toEqual([]);
  });

  it('is told the lines of docker-compose.yml where it runs in a container', async () => {
    const source = later(await startPostgres({ settings: { wal_level: 'replica' } }));
    const urls = { source: source.url(), target: server.url() };
    const { cure } = (await preflight({ ...urls, sourceInContainer: true })).trouble('wal-level');
    expect(cure).toContain('command: ["postgres", "-c", "wal_level=logical"]');
    const mover = new PostgresMover(urls, 'told', { sourceInContainer: true });
    const { findings } = await mover.preflight(AbortSignal.timeout(60_000));
    expect(findings.find(({ id }) => id === 'wal-level')).toMatchObject({ cure });
    const own = (await preflight(urls)).trouble('wal-level');
    expect(own.cure).toContain("ALTER SYSTEM SET wal_level = 'logical';");
  });

  it('is told a limit of the log that the copy would pass', async () => {
    const source = later(
      await startPostgres({ settings: { max_slot_wal_keep_size: '1MB', full_page_writes: 'off' } }),
    );
    await source.query('create table notes (id int primary key, text text)');
    const urls = { source: source.url(), target: server.url() };
    expect((await preflight(urls)).well).toContain('log-room');
    const writer = await source.connect();
    let over = false;
    const writing = (async () => {
      for (let i = 0; !over; i += 1) {
        await writer.query("insert into notes values ($1, repeat('x', 1000000))", [i]);
        await writer.query(`select pg_logical_emit_message(false, 'x', repeat('x', 3000000))`);
      }
    })();
    const finding = (await preflight(urls)).trouble('log-room');
    over = true;
    await writing;
    await writer.end();
    expect(finding).toMatchObject({ severity: 'blocker' });
    await applyCure(finding, source, {});
  });
});

describe('a target without a way back', () => {
  it('says so, and how to get it, and lets the move go on', async () => {
    const target = later(await startPostgres({ settings: { wal_level: 'replica' } }));
    const urls = { source: server.url(), target: target.url() };
    const seen = await preflight(urls);
    expect(seen.unwell).toEqual(['way-back']);
    expect(seen.wayBack).toEqual({
      possible: false,
      why: 'wal_level is replica at the target.',
    });
    await applyCure(seen.trouble('way-back'), target, {});
    await target.restart();
    expect((await preflight(urls)).wayBack).toEqual({ possible: true, why: null });
  });
});

describe('a replica', () => {
  it('is neither a source nor a target', async () => {
    const primary = later(await startPostgres());
    const replica = later(await primary.startReplica());
    const asTarget = await preflight({ source: server.url(), target: replica.url() });
    expect(asTarget.trouble('target-writable')).toMatchObject({ severity: 'blocker' });
    const asSource = await preflight({ source: replica.url(), target: server.url() });
    expect(asSource.trouble('source-primary')).toMatchObject({ severity: 'blocker' });
  });
});

describe('a server that cannot be looked at', () => {
  it.each([
    ['a wrong password', () => server.url({ password: 'wr0ng' }), 'did not accept the user'],
    ['no such database', () => server.url({ database: 'nowhere' }), 'no such database'],
    ['no such host', () => 'postgres://a:hush@no-such.invalid/b', 'is not known'],
    [
      'a certificate file that is not there',
      () => server.url({ query: 'sslmode=verify-full&sslrootcert=/nowhere.pem' }),
      'TLS settings',
    ],
    [
      'an option that asks for TLS',
      () => server.url({ query: 'sslmode=require' }),
      'speaks no TLS',
    ],
  ])('because of %s says so, and hides nothing of the other', async (_, url, says) => {
    const seen = await preflight({ source: server.url(), target: url() });
    expect(seen.trouble('reachable')).toMatchObject({ severity: 'blocker', object: 'target' });
    expect(seen.trouble('reachable').message).toContain(says);
    expect(seen.well).toContain('wal-level');
    expect(seen.estimate).toBeNull();
    expect(seen.wayBack.possible).toBe(false);
  });

  it('because nothing listens, both at once', async () => {
    const url = `postgres://app:hush@127.0.0.1:${await freePort()}/app`;
    const { unwell } = await preflight({ source: url, target: url });
    expect(unwell).toEqual(['reachable', 'reachable']);
  });

  it('in one respect says in which, and is looked at in all others', async () => {
    const database = 'closed';
    await server.query(`create database ${database}`);
    await server.query('create role limited login replication password $$pw$$');
    await server.query(`grant create on database ${database} to limited`);
    await server.query('revoke execute on function pg_get_replication_slots() from public', {
      database,
    });
    const access = { user: 'limited', password: 'pw', database };
    const target = later(await startPostgres());
    const seen = await preflight({ source: server.url(access), target: target.url() });
    expect(seen.findings.filter(({ id }) => id === 'could-not-check')).toMatchObject([
      { severity: 'warning', message: 'The source did not tell about its log and replication.' },
      { severity: 'warning', message: 'The source did not tell about leftovers of PortSync.' },
    ]);
    expect(seen.well).toEqual(
      expect.arrayContaining(['source-replication', 'replica-identity', 'version']),
    );
    expect(seen.well).not.toContain('wal-level');
  });

  it('because somebody stopped the look, ends at once', async () => {
    const stop = new AbortController();
    const looking = preflightPostgres({ source: server.url(), target: server.url() }, stop.signal);
    setTimeout(() => stop.abort(), 100);
    await expect(looking).rejects.toBeInstanceOf(CancelledError);
    const left = () =>
      server.query("select 1 from pg_stat_activity where application_name like 'portsync%'");
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  });
});

describeWith(needProgram('pgbouncer'), 'a pooler in between', () => {
  it('is recognised by what it does, at either side', async () => {
    const target = later(await startPostgres());
    const [before, after] = [later(await startPooler(server)), later(await startPooler(target))];
    const asSource = await preflight({ source: before.url, target: target.url() });
    expect(asSource.trouble('pooler')).toMatchObject({ severity: 'blocker', object: 'source' });
    const asTarget = await preflight({ source: server.url(), target: after.url });
    expect(asTarget.trouble('pooler')).toMatchObject({ severity: 'blocker', object: 'target' });
    expect((await preflight({ source: server.url(), target: target.url() })).unwell).toEqual([]);
  });
});

describeWith(needProgram('openssl'), 'encryption', () => {
  it('without a look at the certificate is told of, and is well with one', async () => {
    const target = later(await startPostgres());
    const [cert, key] = [join(target.data, 'server.crt'), join(target.dir, 'server.key')];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await execa('openssl', ['req', '-x509', '-days', '2', ...made, ...subject]);
    const inside = join(target.data, 'server.key');
    await target.write(inside, await readFile(key, 'utf8'));
    await target.write(cert, await readFile(cert, 'utf8'));
    await target.set({ ssl: 'on', ssl_cert_file: cert, ssl_key_file: inside });
    await target.restart();
    const look = (query: string) =>
      preflight({ source: server.url(), target: target.url({ query }) });
    const loose = (await look('sslmode=require')).trouble('tls');
    expect(loose).toMatchObject({ severity: 'warning', object: 'target' });
    expect(loose.cure).toContain('sslmode=verify-full');
    const strict = await look(`sslmode=verify-full&sslrootcert=${cert}`);
    expect(strict.unwell).toEqual([]);
  });
});

const [older] = otherVersions();
const otherVersion: Need = {
  name: 'another version of PostgreSQL',
  missing: older ? null : 'install Debian’s postgresql, or set PORTSYNC_TEST_POSTGRES',
};

describeWith(otherVersion, 'another version of PostgreSQL', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = new Pair(await startPostgres({ bin: older ?? '' }), server);
  });
  afterAll(() => pair?.source.close());

  it('that is newer takes the database, but not what it no longer has', async () => {
    const database = await pair.database();
    expect((await pair.look({ database })).unwell).toEqual([]);
    await pair.source.query('create extension adminpack', { database });
    const seen = await pair.look({ database });
    expect(seen.trouble('extensions')).toMatchObject({ severity: 'blocker', object: 'adminpack' });
    expect(seen.well).toContain('version');
  });

  it('that is older does not', async () => {
    const urls = { source: server.url(), target: pair.source.url() };
    expect((await preflight(urls)).trouble('version')).toMatchObject({ severity: 'blocker' });
  });
});
