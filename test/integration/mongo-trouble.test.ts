import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { DatabaseFigures } from '../../src/model/database.ts';
import type { Reading } from '../../src/model/reading.ts';
import { databaseProbe } from '../../src/services/database/probe.ts';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { poll } from '../../src/state/poller.ts';
import { mongod, startReplicaSet, startStandalone, type TestMongod } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';
import { findProgram, needProgram } from '../rig/programs.ts';
import { closer, watch } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

const failure = (url: string) => later(watch(url)).look();

describeWith(mongod, 'MongoDB that cannot be looked at', () => {
  let server: TestMongod;
  beforeAll(async () => {
    server = await startStandalone(['--maxConns', '12']);
  });
  afterAll(() => server?.close());

  it('says why, and never the password', async () => {
    const port = await freePort();
    const cases = {
      [server.url({ password: 'wr0ng' })]: 'database-password',
      [`mongodb://root:wr0ng@127.0.0.1:${port}/shop`]: 'database-refused',
      'mongodb://root:wr0ng@no-such-host.invalid/shop': 'database-name-unknown',
      'mongodb+srv://root:wr0ng@no-such-host.invalid/shop': 'database-name-unknown',
      [server.url({ query: 'tls=true' })]: 'database-turned-away',
      [server.url({ query: 'wr0ng=1' })]: 'database-url',
      [server.url({ query: 'tls=true&tlsCAFile=/wr0ng' })]: 'database-url',
    };
    for (const [url, code] of Object.entries(cases)) {
      const error = await failure(url).catch((caught) => caught);
      expect(error, url).toMatchObject({ code });
      expect(`${error.message}${error.why}${error.next}`).not.toContain('wr0ng');
    }
  });

  it('asks a second host when the first one does not answer', async () => {
    const port = await freePort();
    const url = server.url().replace('@', `@127.0.0.1:${port},`);
    expect(await failure(url)).toMatchObject({ kind: 'mongo', hint: null });
  });

  it('is looked at again when it has room', async () => {
    const { look, until } = later(watch(server.url()));
    const sockets = Array.from({ length: 20 }, () => connect(server.port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => {}).resume();
    await vi.waitFor(() => expect(sockets.some(({ destroyed }) => destroyed)).toBe(true), 20_000);
    await expect(look()).rejects.toMatchObject({ code: 'database-turned-away' });
    for (const socket of sockets) socket.destroy();
    await until(({ connections }) => expect(connections?.max).toBe(12));
  });

  it('is given up in time when it hangs, and looked at again when it goes on', async () => {
    const probe = later(databaseProbe(server.url()));
    await probe.read(AbortSignal.timeout(20_000));
    server.signal('SIGSTOP');
    try {
      for (const _ of ['while asking', 'while connecting']) {
        const reading = probe.read(AbortSignal.timeout(1000));
        await expect(reading).rejects.toMatchObject({ code: 'database-timeout' });
      }
    } finally {
      server.signal('SIGCONT');
    }
    await probe.read(AbortSignal.timeout(20_000));
  });

  it('leaves the last figures, and recovers when it is back', async () => {
    const probe = later(databaseProbe(server.url()));
    const seen: Array<Reading<DatabaseFigures>> = [];
    const stop = new AbortController();
    const polling = poll(probe, (reading) => seen.push(reading), stop.signal);
    const state = (wanted: string) =>
      vi.waitFor(() => expect(seen.at(-1)?.state).toBe(wanted), { timeout: 40_000 });
    try {
      await state('ready');
      await server.stop();
      await state('stale');
      expect(seen.at(-1)).toMatchObject({ data: { kind: 'mongo' } });
      await server.start();
      await state('ready');
    } finally {
      stop.abort();
      await polling;
    }
  });
});

describeWith(mongod, 'MongoDB that loses its primary', () => {
  it('shows the member as what it is, until it is primary again', async () => {
    const [server] = (await startReplicaSet()) as [TestMongod];
    later(server);
    const { look, until } = later(watch(server.url()));
    expect((await look()).replication).toEqual([]);
    await server.run({ replSetStepDown: 5, force: true }).catch(() => {});
    await until(({ replication }) =>
      expect(replication).toMatchObject([
        { name: server.address, state: 'secondary', lagMs: null },
      ]),
    );
    await until(({ replication }) => expect(replication).toEqual([]));
  });
});

const both = mongod.missing ? mongod : needProgram('openssl');
describeWith(both, 'MongoDB with TLS', () => {
  it('is checked as the URL says', async () => {
    const server = later(await startStandalone());
    const [key, cert] = [join(server.dir, 'key.pem'), join(server.dir, 'cert.pem')];
    const subject = ['-subj', '/CN=db', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert];
    const openssl = findProgram('openssl') ?? 'openssl';
    await execa(openssl, ['req', '-x509', '-days', '2', ...files, ...subject]);
    await writeFile(key, (await readFile(key, 'utf8')) + (await readFile(cert, 'utf8')));
    const trust = ['--tlsCAFile', cert, '--tlsAllowConnectionsWithoutCertificates'];
    await server.restart(['--tlsMode', 'preferTLS', '--tlsCertificateKeyFile', key, ...trust]);
    const trusting = `tls=true&tlsCAFile=${encodeURIComponent(cert)}`;
    await expect(failure(server.url({ query: trusting }))).resolves.toMatchObject({ hint: null });
    await expect(failure(server.url({ query: 'tls=true' }))).rejects.toMatchObject({
      code: 'database-certificate',
    });
  });
});
