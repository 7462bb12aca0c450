import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  containerActions,
  containerProbe,
  dockerEngines,
  type EngineOptions,
} from '../../src/services/docker/index.ts';
import { openLocal } from '../../src/services/executor/local.ts';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { dockerEngine, type EngineRig, startEngine } from '../rig/engine.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { connectTo, friendOf, type SshClient } from '../rig/ssh-client.ts';
import { type Sshd, sshdNeed, startSshd } from '../rig/sshd.ts';

const BUSY = 'while :; do :; done';
const HALF = { HostConfig: { NanoCpus: 5e8 } };
const WAIT = { timeout: 40_000, interval: 300 };

async function watch(env: Record<string, string>, options: EngineOptions = {}) {
  const engines = await dockerEngines({ env: { HOME: '/nonexistent', ...env }, ...options });
  const [engine] = engines;
  if (!engine) throw new Error('no engine');
  const probe = containerProbe(engine);
  return {
    engine,
    read: () => probe.read(AbortSignal.timeout(8000)),
    async close() {
      await probe.close();
      for (const each of engines) each.close();
    },
  };
}

describeWith(dockerEngine, 'an engine behind an executor', () => {
  let rig: EngineRig;

  beforeAll(async () => {
    rig = await startEngine();
    await rig.run('busy', BUSY, HALF);
  });
  afterAll(() => rig?.close());

  it('is read with one command for all figures, over forwarded sockets', async () => {
    const machine = openLocal();
    const run = vi.spyOn(machine, 'run');
    const watched = await watch(
      { DOCKER_HOST: `ssh://root@fra-2${rig.socket}` },
      { ssh: () => machine },
    );
    await vi.waitFor(async () => {
      const [busy] = await watched.read();
      expect(busy).toMatchObject({ name: 'busy', node: 'fra-2', state: 'running' });
      expect(busy?.cpuPercent).toBeGreaterThan(10);
      expect(busy?.memoryBytes).toBeGreaterThan(0);
      expect(busy?.receivedBytesPerSecond).not.toBeNull();
    }, WAIT);
    const before = run.mock.calls.length;
    await watched.read();
    expect(run.mock.calls.length - before).toBe(1);
    await watched.close();
  });

  it('is asked itself where no command can be run on its machine', async () => {
    const machine = openLocal();
    machine.run = async () => ({ exitCode: 127, stdout: '', stderr: 'awk: not found' });
    const watched = await watch(
      { DOCKER_HOST: `ssh://root@fra-2${rig.socket}` },
      { ssh: () => machine },
    );
    await vi.waitFor(async () => {
      expect((await watched.read())[0]?.cpuPercent).toBeGreaterThan(10);
    }, WAIT);
    await watched.close();
  });

  it('says what to look at when its socket does not open', async () => {
    const watched = await watch(
      { DOCKER_HOST: 'ssh://fra-2/nonexistent/docker.sock' },
      { ssh: openLocal },
    );
    await expect(watched.read()).rejects.toMatchObject({
      code: 'no-engine',
      message: expect.stringContaining('ssh://fra-2'),
      next: expect.stringContaining('systemctl start docker'),
    });
    await watched.close();
  });
});

const both: Need = {
  name: `${dockerEngine.name} and ${sshdNeed.name}`,
  missing: dockerEngine.missing ?? sshdNeed.missing,
};

describeWith(both, 'an engine behind a real sshd', () => {
  let rig: EngineRig;
  let sshd: Sshd;
  let client: SshClient;

  beforeAll(async () => {
    [rig, sshd] = await Promise.all([startEngine(), startSshd()]);
    client = await friendOf(sshd);
    await Promise.all(Array.from({ length: 20 }, (_, at) => rig.run(`c${at}`, 'sleep 100000')));
    await rig.run('busy', BUSY, HALF);
    await rig.run(
      'talker',
      'trap "exit 0" TERM; i=0; while :; do echo $i; i=$((i+1)); sleep 0.1; done',
    );
  });
  afterAll(async () => {
    await rig?.close();
    await sshd?.remove();
    await client?.remove();
  });

  const watchIt = async () => {
    const machine = connectTo(sshd, client);
    const host = `ssh://${sshd.address}${rig.socket}`;
    const watched = await watch({ DOCKER_HOST: host }, { ssh: () => machine });
    return {
      ...watched,
      async close() {
        await watched.close();
        await machine.close();
      },
    };
  };

  it('does everything over the one connection that it opened first', async () => {
    const watched = await watchIt();
    await watched.read();
    await sshd.stop();
    await vi.waitFor(async () => {
      const seen = new Map((await watched.read()).map((each) => [each.name, each]));
      expect(seen.size).toBe(22);
      expect(seen.get('busy')?.cpuPercent).toBeGreaterThan(10);
      expect(seen.get('c7')?.memoryBytes).toBeGreaterThan(0);
    }, WAIT);
    const all = await watched.read();
    const { logs, stopContainer, startContainer } = containerActions([watched.engine]);
    const sleepers = all.filter(({ name }) => name.startsWith('c'));
    await Promise.all(sleepers.map(startContainer));
    await rig.docker.getContainer('c1').kill();
    await vi.waitFor(async () => {
      const gone = (await watched.read()).find(({ name }) => name === 'c1');
      expect(gone).toMatchObject({ state: 'exited', exitCode: 137 });
    }, WAIT);
    const talker = all.find(({ name }) => name === 'talker');
    if (!talker) throw new Error('no talker');
    const texts: string[] = [];
    for await (const { text } of logs(
      talker,
      { tail: 3, follow: true },
      AbortSignal.timeout(9000),
    )) {
      if (texts.push(text) === 10) break;
    }
    expect(texts.map(Number)).toEqual(texts.map((_, at) => Number(texts[0]) + at));
    await stopContainer(talker);
    await sshd.start();
    await watched.close();
  });

  it('says that the machine was lost, and goes on when it is back', async () => {
    const watched = await watchIt();
    await watched.read();
    await sshd.crash();
    await vi.waitFor(
      () => expect(watched.read()).rejects.toMatchObject({ code: expect.stringMatching(/^ssh-/) }),
      WAIT,
    );
    await sshd.start();
    await vi.waitFor(async () => expect(await watched.read()).toHaveLength(22), WAIT);
    await watched.close();
  });

  it('passes on that the machine is not trusted yet', async () => {
    await client.knownHosts('');
    const watched = await watchIt();
    await expect(watched.read()).rejects.toMatchObject({ code: 'host-key-unknown' });
    await watched.close();
  });
});

describeWith(dockerEngine, 'an engine behind TLS', () => {
  let rig: EngineRig;
  let certificates: string;
  let host: string;

  beforeAll(async () => {
    certificates = await makeCertificates();
    host = `tcp://127.0.0.1:${await freePort()}`;
    const file = (name: string) => join(certificates, name);
    rig = await startEngine([
      `--host=${host}`,
      '--tlsverify',
      `--tlscacert=${file('ca.pem')}`,
      `--tlscert=${file('cert.pem')}`,
      `--tlskey=${file('key.pem')}`,
    ]);
    await rig.run('busy', BUSY, HALF);
  });
  afterAll(async () => {
    await rig?.close();
    await rm(certificates, { recursive: true, force: true });
  });

  it('is read with the certificates that the environment names', async () => {
    const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates };
    const watched = await watch(env);
    await vi.waitFor(async () => {
      const [busy] = await watched.read();
      expect(busy).toMatchObject({ name: 'busy', engine: host, node: '127.0.0.1' });
      expect(busy?.cpuPercent).toBeGreaterThan(10);
    }, WAIT);
    await watched.close();
  });

  it('refuses a machine whose certificate nobody vouches for', async () => {
    const stranger = await makeCertificates();
    const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: stranger };
    const watched = await watch(env);
    await expect(watched.read()).rejects.toMatchObject({ code: 'engine-tls' });
    await watched.close();
    await rm(stranger, { recursive: true });
  });
});

/** One certificate that vouches for itself, as server and as client. */
async function makeCertificates(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-tls-'));
  const extensions = ['subjectAltName=IP:127.0.0.1', 'extendedKeyUsage=serverAuth,clientAuth'];
  const made = ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const rest = ['-days', '1', '-subj', '/CN=rig', ...extensions.flatMap((e) => ['-addext', e])];
  execFileSync('openssl', ['req', '-x509', ...key, ...made, ...rest], { stdio: 'ignore' });
  await copyFile(join(dir, 'cert.pem'), join(dir, 'ca.pem'));
  return dir;
}
