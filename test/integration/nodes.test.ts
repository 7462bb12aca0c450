import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeFigures } from '../../src/model/node.ts';
import type { Executor, RunResult } from '../../src/ports/executor.ts';
import { openLocal } from '../../src/services/executor/local.ts';
import { nodeProbe } from '../../src/services/nodes/probe.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { connectTo, friendOf, type SshClient } from '../rig/ssh-client.ts';
import { type Sshd, sshdNeed, startSshd } from '../rig/sshd.ts';

const within = () => AbortSignal.timeout(30_000);
const MIB = 1024 * 1024;

describe('the figures of this machine', () => {
  it('are sane, and have rates from the second look on', async () => {
    const probe = nodeProbe({ name: 'main', executor: openLocal() });
    expect(probe.everyMs).toBe(1_000);
    expect((await probe.read(within())).cpuPercent).toBeNull();
    await sleep(300);
    const seen = await probe.read(within());
    expect(seen).toMatchObject({ name: 'main', address: 'local' });
    expect(seen.cores).toBeGreaterThan(0);
    expect(seen.cpuPercent).toBeGreaterThanOrEqual(0);
    expect(seen.cpuPercent).toBeLessThanOrEqual(100);
    for (const { usedBytes, totalBytes } of [seen.memory, seen.disk]) {
      expect(usedBytes).toBeGreaterThan(0);
      expect(totalBytes).toBeGreaterThan(usedBytes);
    }
    expect(seen.uptimeSeconds).toBeGreaterThan(0);
  });

  it('show a core that is kept busy', async () => {
    const executor = openLocal();
    const probe = nodeProbe({ name: 'main', executor });
    const { cores } = await probe.read(within());
    const busy = new AbortController();
    const burning = executor
      .run(['sh', '-c', 'while :; do :; done'], { signal: busy.signal, timeoutMs: 30_000 })
      .catch(() => {});
    await sleep(1_000);
    const { cpuPercent } = await probe.read(within());
    busy.abort();
    await burning;
    expect(cpuPercent).toBeGreaterThan(40 / cores);
  });

  it('stop with the signal', async () => {
    const probe = nodeProbe({ name: 'main', executor: openLocal() });
    await expect(probe.read(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describeWith(sshdNeed, 'the figures of a machine behind SSH', () => {
  let sshd: Sshd;
  let client: SshClient;
  let machine: Executor;
  beforeAll(async () => {
    sshd = await startSshd();
    client = await friendOf(sshd);
    machine = connectTo(sshd, client);
  });
  afterAll(async () => {
    await machine?.close();
    await sshd?.remove();
    await client?.remove();
  });

  it('are those that the machine itself sees', async () => {
    const here = nodeProbe({ name: 'here', executor: openLocal() });
    const there = nodeProbe({ name: 'there', executor: machine });
    expect(there.everyMs).toBe(2_000);
    const both = () => Promise.all([here.read(within()), there.read(within())]);
    await both();
    await sleep(1_500);
    const [local, remote] = await both();
    expect(remote).toMatchObject({
      name: 'there',
      address: sshd.address,
      cores: local.cores,
      disk: { mount: local.disk.mount },
    });
    expect(remote.memory.totalBytes).toBe(local.memory.totalBytes);
    expect(remote.swap.totalBytes).toBe(local.swap.totalBytes);
    close(remote.memory.usedBytes, local.memory.usedBytes, 500 * MIB);
    close(remote.disk.usedBytes, local.disk.usedBytes, 500 * MIB);
    close(remote.disk.totalBytes, local.disk.totalBytes, 500 * MIB);
    close(remote.uptimeSeconds, local.uptimeSeconds, 15);
    close(remote.cpuPercent ?? -100, local.cpuPercent ?? 200, 60);
    expect(remote.pressure === null).toBe(local.pressure === null);
  });

  it('name the machine while it is away, and come back with it', async () => {
    const probe = nodeProbe({ name: 'there', executor: machine });
    await probe.read(within());
    await sshd.crash();
    await expect(probe.read(within())).rejects.toMatchObject({
      code: expect.stringMatching(/ssh-refused|ssh-lost/),
      message: expect.stringContaining(sshd.address),
    });
    await sshd.start();
    await expect.poll(() => answered(probe.read(within())), { timeout: 20_000 }).toBe(true);
  });
});

const busybox = await openLocal()
  .run(['busybox', 'true'], { signal: within(), timeoutMs: 10_000 })
  .then(({ exitCode }) => exitCode === 0);
const busyboxNeed: Need = {
  name: 'busybox on Linux',
  missing: busybox && platform() === 'linux' ? null : 'apt-get install busybox',
};

describeWith(busyboxNeed, 'the figures of a machine that has only busybox', () => {
  let bin = '';
  beforeAll(async () => {
    bin = await mkdtemp(join(tmpdir(), 'portsync-busybox-'));
    for (const name of ['sh', 'grep', 'head', 'df']) {
      const file = join(bin, name);
      await writeFile(file, `#!/bin/sh\nexec /usr/bin/env busybox ${name} "$@"\n`);
      await chmod(file, 0o755);
    }
  });
  afterAll(() => rm(bin, { recursive: true, force: true }));

  it('are read all the same', async () => {
    const local = openLocal();
    // The same script as over SSH, with busybox's programs in front of GNU's.
    const executor: Executor = {
      ...local,
      address: 'root@small:22',
      run: (command, options): Promise<RunResult> =>
        local.run(['env', `PATH=${bin}:/usr/bin:/bin`, ...command], options),
    };
    const seen: NodeFigures = await nodeProbe({ name: 'small', executor }).read(within());
    const here = await nodeProbe({ name: 'here', executor: local }).read(within());
    expect(seen.cores).toBe(here.cores);
    expect(seen.memory.totalBytes).toBe(here.memory.totalBytes);
    expect(seen.disk.mount).toBe(here.disk.mount);
  });
});

function close(one: number, other: number, within: number): void {
  expect(Math.abs(one - other)).toBeLessThanOrEqual(within);
}

function answered(look: Promise<NodeFigures>): Promise<boolean> {
  return look.then(
    () => true,
    () => false,
  );
}
