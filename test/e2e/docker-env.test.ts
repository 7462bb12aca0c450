import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Surroundings } from '../rig/cli.ts';
import type { Caller } from '../rig/http-interface.ts';
import { startLoad } from '../rig/load.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { startShop } from '../rig/shop.ts';
import { friendOf, type SshClient } from '../rig/ssh-client.ts';
import { type Sshd, sshdNeed, startSshd } from '../rig/sshd.ts';
import { type SwarmRig, startSwarmRig, swarmNeed, variableOfReplicas } from '../rig/swarm.ts';

const PER_SECOND = 200;
const AT_ONCE = 50;
const SECRET = 'good-morning-from-stdin';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 360_000 });

const needs: Need = {
  name: `${swarmNeed.name} and ${sshdNeed.name}`,
  missing: swarmNeed.missing ?? sshdNeed.missing,
};

describeWith(needs, 'the .env of an app on Docker', () => {
  let rig: SwarmRig;
  let someone: Caller;
  let file: string;

  const env = (args: string[], around?: Surroundings) =>
    rig.command(['env', ...args, '--json'], around).ended;

  /** A rollout under a steady load, of which no request may fail and no write be lost. */
  async function rollsOut(args: string[], around?: Surroundings): Promise<void> {
    const stop = startLoad(someone, PER_SECOND, AT_ONCE);
    await sleep(500);
    const { code, result, stdout, stderr } = await env([...args, '--yes'], around).finally(() =>
      sleep(500),
    );
    const { failures, reads, writes, written } = await stop();
    expect({ code, result, stderr }).toMatchObject({ code: 0, result: { deployed: true } });
    expect(stdout + stderr).not.toContain(SECRET);
    expect([...new Set(failures)]).toEqual([]);
    expect(reads + writes).toBeGreaterThan(PER_SECOND);
    const kept = new Set(await someone.texts());
    expect(written.filter((text) => !kept.has(text))).toEqual([]);
  }

  const greetings = () => variableOfReplicas(rig, someone, 'GREETING');

  beforeAll(async () => {
    rig = await startSwarmRig();
    file = join(rig.dir, '.env');
    someone = await startShop(rig, 'watchSeconds: 1');
  });
  afterAll(() => rig?.close());

  it('reaches every replica when it is set, restored, and restored back under load', async () => {
    await rollsOut(['set', 'GREETING'], { input: SECRET });
    const set = await readFile(file);
    expect(await greetings()).toEqual([SECRET, SECRET]);
    await rollsOut(['restore', 'previous']);
    expect(await greetings()).toEqual([undefined, undefined]);
    await rollsOut(['restore', 'previous']);
    expect(await greetings()).toEqual([SECRET, SECRET]);
    expect(await readFile(file)).toEqual(set);
  });

  it('is in step with its replicas until someone edits it', async () => {
    const { code, result } = await env(['drift']);
    expect([code, result.drift, result.unread]).toEqual([0, [], []]);
    expect(result.checked).toHaveLength(2);
    const before = await readFile(file);
    await writeFile(file, before.toString().replace(SECRET, 'good-night-by-hand'));
    const edited = await env(['drift']);
    await writeFile(file, before);
    const where = expect.stringMatching(/^web.* on main$/);
    const one = { key: 'GREETING', where, how: 'different' };
    expect([edited.code, edited.result.drift]).toEqual([3, [one, one]]);
    expect(edited.stdout + edited.stderr).not.toMatch(/good-/);
  });

  it('is compared with the copy of another machine, over SSH', async () => {
    const node = await startNode(rig.dir);
    try {
      await writeFile(node.copy, await readFile(file));
      expect((await drift(node)).result).toMatchObject({ drift: [] });
      await appendFile(node.copy, 'GREETING=good-evening\nONLY_THERE=good-grief\n');
      const { code, result, stdout, stderr } = await drift(node);
      expect(code).toBe(3);
      expect(result.checked).toContain('.env on fra-2');
      expect(result.drift).toEqual([
        { key: 'GREETING', where: '.env on fra-2', how: 'different' },
        { key: 'ONLY_THERE', where: '.env on fra-2', how: 'extra' },
      ]);
      expect(stdout + stderr).not.toMatch(/good-/);
    } finally {
      await node.remove();
    }
  });

  async function drift({ sshd, client }: Node) {
    const settings = join(rig.dir, 'portsync.yaml');
    const text = await readFile(settings, 'utf8');
    await writeFile(settings, `${text}nodes: [{ name: fra-2, address: "${sshd.address}" }]\n`);
    // The engine's network does not reach the SSH server, and drift does not need it.
    const ended = await env(['drift'], { inside: [], env: { HOME: client.home } });
    await writeFile(settings, text);
    return ended;
  }
});

interface Node {
  sshd: Sshd;
  client: SshClient;
  /** The .env that lies where the project directory is, as that machine sees it. */
  copy: string;
  remove(): Promise<void>;
}

/** An SSH server whose commands see another folder in the place of `projectDir`. */
async function startNode(projectDir: string): Promise<Node> {
  const folder = await mkdtemp(join(tmpdir(), 'portsync-test-node-'));
  const enter = join(folder, 'enter.sh');
  const script = `mount --bind ${folder} ${projectDir} && exec sh -c "$SSH_ORIGINAL_COMMAND"`;
  await writeFile(enter, script);
  const sshd = await startSshd({ settings: [`ForceCommand unshare --mount sh ${enter}`] });
  const client = await friendOf(sshd);
  const remove = async () => {
    await sshd.remove();
    await client.remove();
    await rm(folder, { recursive: true, force: true });
  };
  return { sshd, client, copy: join(folder, '.env'), remove };
}
