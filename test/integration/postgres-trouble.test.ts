import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../../src/errors.ts';
import type { DatabaseFigures } from '../../src/model/database.ts';
import type { Reading } from '../../src/model/reading.ts';
import { databaseProbe } from '../../src/services/database/probe.ts';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { poll } from '../../src/state/poller.ts';
import { describeWith } from '../rig/needs.ts';
import { startPooler } from '../rig/pgbouncer.ts';
import { askPostgres, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { needProgram } from '../rig/programs.ts';
import { closer, watch } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '8' } });
  await server.query("create role app login password 'pw'");
});
afterAll(() => server?.close());

const failure = (url: string) => later(watch(url)).look();
const app = { user: 'app', password: 'pw' };

describe('PostgreSQL that cannot be looked at says why', () => {
  it('when the password is wrong', async () => {
    const url = server.url({ ...app, password: 'wr0ng' });
    const error: unknown = await failure(url).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'database-password' });
    expect(String(error)).toContain(`127.0.0.1:${server.port}/postgres`);
    expect(JSON.stringify(error)).not.toContain('wr0ng');
  });

  it('when there is no password, no such database, no TLS, no server, no such name', async () => {
    const port = await freePort();
    const cases = {
      [`postgres://app@127.0.0.1:${server.port}/postgres`]: 'database-password',
      [server.url({ ...app, database: 'nowhere' })]: 'database-unknown',
      [server.url({ ...app, query: 'sslmode=require' })]: 'database-tls',
      [`postgres://app:pw@127.0.0.1:${port}/postgres`]: 'database-refused',
      'postgres://app:pw@no-such-host.invalid/app': 'database-name-unknown',
      'postgres:///app?host=/nowhere': 'database-refused',
    };
    for (const [url, code] of Object.entries(cases)) {
      await expect(failure(url), url).rejects.toMatchObject({ code });
    }
  });

  it('when every connection is taken, and looks again when one is free', async () => {
    const { look, until } = later(watch(server.url(app)));
    const sessions = [];
    for (;;) {
      const session = await server.connect(app).catch(() => null);
      if (!session) break;
      sessions.push(later({ close: () => session.end() }));
    }
    await expect(look()).rejects.toMatchObject({ code: 'database-connections-full' });
    await sessions.pop()?.close();
    await until(({ connections }) => expect(connections?.max).toBe(8));
  });

  it('when somebody stops the look, at once', async () => {
    const probe = later(databaseProbe(server.url()));
    await probe.read(AbortSignal.timeout(20_000));
    const stop = new AbortController();
    const reading = probe.read(stop.signal);
    stop.abort();
    await expect(reading).rejects.toBeInstanceOf(CancelledError);
    await expect(probe.read(AbortSignal.timeout(20_000))).resolves.toBeDefined();
  });
});

describe('PostgreSQL that goes away', () => {
  it('leaves the last figures, and is looked at again when it is back, over one connection', async () => {
    const probe = later(databaseProbe(server.url()));
    const seen: Array<Reading<DatabaseFigures>> = [];
    const stop = new AbortController();
    const polling = poll(probe, (reading) => seen.push(reading), stop.signal);
    const last = () => seen.at(-1);
    try {
      await vi.waitFor(() => expect(last()?.state).toBe('ready'), { timeout: 20_000 });
      await server.stop();
      await vi.waitFor(() => expect(last()?.state).toBe('stale'), { timeout: 20_000 });
      expect(last()).toMatchObject({ data: { kind: 'postgres' } });
      await server.start();
      await vi.waitFor(() => expect(last()?.state).toBe('ready'), { timeout: 40_000 });
      const ours = await server.query(
        "select pid from pg_stat_activity where application_name = 'portsync'",
      );
      expect(ours).toHaveLength(1);
    } finally {
      stop.abort();
      await polling;
    }
  });

  it('by a crash, and recovers', async () => {
    const { look, until } = later(watch(server.url()));
    await look();
    await server.stop('immediate');
    await expect(look()).rejects.toMatchObject({
      code: expect.stringMatching(/^database-(connection-lost|refused|starting)$/),
    });
    await server.start();
    await until(({ connections }) => expect(connections?.used).toBe(1));
  });
});

describe('PostgreSQL that hangs', () => {
  it('is given up in time, and its hanging session with it', async () => {
    const probe = later(databaseProbe(server.url()));
    await probe.read(AbortSignal.timeout(20_000));
    const ours = "select pid from pg_stat_activity where application_name = 'portsync'";
    const [hanging] = await server.query(ours);
    const pid = Number(hanging?.pid);
    process.kill(pid, 'SIGSTOP');
    try {
      const reading = probe.read(AbortSignal.timeout(1000));
      await expect(reading).rejects.toMatchObject({ code: 'database-timeout' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await probe.read(AbortSignal.timeout(20_000));
    await vi.waitFor(
      async () => {
        const left = await server.query(ours);
        expect(left).toHaveLength(1);
        expect(left[0]?.pid).not.toBe(pid);
      },
      { timeout: 20_000 },
    );
  });
});

describeWith(needProgram('openssl'), 'PostgreSQL with TLS', () => {
  let cert: string;
  beforeAll(async () => {
    cert = join(server.dir, 'cert.pem');
    const key = join(server.data, 'key.pem');
    const subject = ['-subj', '/CN=db', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', '-', '-out', cert];
    const { stdout } = await execa('openssl', ['req', '-x509', '-days', '2', ...made, ...subject]);
    await server.write(key, stdout);
    await server.write(join(server.data, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
    await server.set({ ssl: 'on', ssl_cert_file: cert, ssl_key_file: key });
    server.encrypted = true;
    await server.restart();
  });

  it('is encrypted where the server asks for it, and checked as the URL says', async () => {
    const read = (query: string) => failure(server.url({ ...app, query }));
    const trusting = `sslmode=verify-full&sslrootcert=${encodeURIComponent(cert)}`;
    for (const query of ['', 'sslmode=require', trusting]) {
      await expect(read(query), query).resolves.toMatchObject({ kind: 'postgres' });
    }
    await expect(read('sslmode=verify-full')).rejects.toMatchObject({
      code: 'database-certificate',
    });
    const plain = await read('sslmode=disable').catch((error) => error);
    expect(plain).toMatchObject({ code: 'database-not-allowed' });
    expect(plain.next).toContain('sslmode=require');
  });
});

describeWith(needProgram('pgbouncer'), 'PostgreSQL behind a pooler that shares sessions', () => {
  it('is watched, and its sessions are left as they were', async () => {
    const pooled = later(await startPostgres());
    const pooler = later(await startPooler(pooled));
    const { look, until } = later(watch(pooler.url));
    const figures = await look();
    expect(figures).toMatchObject({ where: `127.0.0.1:${pooler.port}/postgres`, hint: null });
    const [settings] = await askPostgres(
      pooler.url,
      "select current_setting('statement_timeout') as t, current_setting('search_path') as p",
    );
    expect(settings).toEqual({ t: '0', p: '"$user", public' });
    await askPostgres(pooler.url, 'create table written (id int)');
    await until(({ transactionsPerSecond }) => expect(transactionsPerSecond).not.toBeNull());
  });
});
