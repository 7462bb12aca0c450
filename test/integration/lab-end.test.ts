import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openLab } from '../../src/services/lab/client.ts';
import type { LabInfo } from '../../src/services/lab/control/calls.ts';
import { runAs, serverUser } from '../../src/services/lab/machine/user.ts';
import { startLab } from '../rig/lab.ts';
import { type LabTraces, tracesIn, tracesOf, untilNothingIsLeft } from '../rig/lab-remains.ts';
import { until } from '../rig/until.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const ROOT = new URL('../..', import.meta.url).pathname;
const before = process.env.XDG_CACHE_HOME;
let cache: string;

beforeAll(() => {
  // Of their own, so that these labs sweep up after each other and after no one else.
  cache = mkdtempSync(join(tmpdir(), 'portsync-cache-'));
  process.env.XDG_CACHE_HOME = cache;
});
afterAll(() => {
  rmSync(cache, { recursive: true });
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

interface Program {
  process: ChildProcess;
  out: string[];
  said: string[];
  exited: Promise<number | null>;
}

/** Runs one of our sources as a program. */
function run(source: string, args: string[], options: Parameters<typeof spawn>[2] = {}): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, source), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  const program: Program = {
    process: child,
    out: [],
    said: [],
    exited: once(child, 'exit').then(([code]) => code),
  };
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (l) => program.out.push(l));
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (l) => program.said.push(l));
  return program;
}

async function infoOf({ out, said, process: child }: Program): Promise<LabInfo> {
  await until(() => out.length > 0 || child.exitCode !== null, 90_000, 'the lab is ready');
  return JSON.parse(out[0] ?? `“${said.join('\n')}”`);
}

/** One that knows nothing of the lab but its environment. */
const OTHER_APP = {
  command: process.execPath,
  args: [
    '-e',
    `const { PORT, HOSTNAME, PORTSYNC_REPLICA } = process.env;
     require('http').createServer((_, res) => res.end(PORTSYNC_REPLICA)).listen(PORT, HOSTNAME)`,
  ],
  cwd: '/',
  image: 'another-app',
};

const headless = (...args: string[]) => run('src/cli.ts', ['lab', '--headless', ...args]);

describe('portsync lab --headless', () => {
  it('says in one line where everything is, runs until SIGTERM, and leaves nothing', async () => {
    const program = headless('--traffic', '10');
    const info = await infoOf(program);
    expect(Object.keys(info)).toEqual(['project', 'app', 'database', 'target']);
    expect((await fetch(`${info.app}/api/ready`)).status).toBe(200);
    const traces = tracesOf(cache, info.project);
    expect(traces.started).toHaveLength(6);
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    await untilNothingIsLeft(traces);
    expect(program.out).toHaveLength(1);
    expect(program.said.join('\n')).not.toContain(new URL(info.database).password);
  });

  it('is stopped by Ctrl-C while it starts, and leaves nothing either', async () => {
    const program = headless();
    await until(() => tracesIn(cache)[0]?.started.length, 60_000, 'a server runs');
    const [traces] = tracesIn(cache);
    program.process.kill('SIGINT');
    expect(await program.exited).toBe(130);
    await untilNothingIsLeft(traces as LabTraces);
    expect(program.out).toEqual([]);
  });

  it('that cannot start says why, and leaves nothing', async () => {
    const app = { command: process.execPath, args: ['-e', 'throw new Error("boom")'] };
    const failure = await startLab({ app: { ...app, cwd: '/', image: 'broken' } }).catch((e) => e);
    expect(failure).toMatchObject({ code: 'replica-not-healthy' });
    expect(failure.why).toMatch(/boom/);
    expect(tracesIn(cache)).toEqual([]);
  });
});

describe('a lab ends as well', () => {
  it('when the process that holds it is killed', async () => {
    const parent = run('test/rig/lab-parent.ts', []);
    const info = await infoOf(parent);
    const traces = tracesOf(cache, info.project);
    parent.process.kill('SIGKILL');
    await untilNothingIsLeft(traces);
  });

  it('when it is killed itself, whatever app it runs, and who asks it is told', async () => {
    const { info, lab, pid } = await startLab({ app: OTHER_APP, replicas: 2 });
    expect(await (await fetch(info.app)).text()).toMatch(/^web-blue\.\d$/);
    const traces = tracesOf(cache, info.project);
    process.kill(pid, 'SIGKILL');
    await untilNothingIsLeft(traces);
    const asked = lab.figures(AbortSignal.timeout(5_000));
    await expect(asked).rejects.toMatchObject({ code: 'lab-gone' });
    expect(await openLab(info.project)).toBeNull();
  });

  it('at the next lab’s start when it was killed with all who could have cleaned up', async () => {
    const { info, pid } = await startLab({ replicas: 1 });
    const traces = tracesOf(cache, info.project);
    const servers = traces.started.filter((each) => /postgres/.test(commandOf(each.pid)));
    const others = traces.started.filter((each) => !servers.includes(each));
    expect([servers.length, others.length]).toEqual([2, 2]);
    for (const each of [...others.map((other) => other.pid), pid]) process.kill(each, 'SIGKILL');
    await until(() => existsSync(traces.runtime));
    const next = headless('--traffic', '0', '--replicas', '1');
    await infoOf(next);
    await untilNothingIsLeft(traces);
    expect(next.said[0]).toBe('Removed what a lab left behind');
    next.process.kill('SIGTERM');
    await next.exited;
  });
});

describe('two labs at once', () => {
  it('have nothing in common, and the end of one does not touch the other', async () => {
    const [one, two] = await Promise.all([startLab({ replicas: 1 }), startLab({ replicas: 1 })]);
    const all = [one, two].flatMap(({ info }) => Object.values(info));
    expect(new Set(all).size).toBe(8);
    await one.stop();
    expect((await fetch(`${two.info.app}/api/ready`)).status).toBe(200);
    expect(await two.lab.containers(AbortSignal.timeout(5_000))).toHaveLength(4);
    await two.stop();
    expect(tracesIn(cache)).toEqual([]);
  });
});

const root = process.getuid?.() === 0;

describe.skipIf(!root)('as root', () => {
  it('the lab’s servers run as someone else', async () => {
    const user = await serverUser(AbortSignal.timeout(5_000));
    const { info, stop } = await startLab({ replicas: 1 });
    const pids = tracesOf(cache, info.project).started.map(({ pid }) => pid);
    const servers = pids.filter((pid) => /postgres/.test(commandOf(pid)));
    const uids = servers.map((pid) => /^Uid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);
    expect(uids).toEqual([String(user?.uid), String(user?.uid)]);
    await stop();
  });

  it('an unprivileged user’s lab is that user’s alone', async () => {
    const user = await serverUser(AbortSignal.timeout(5_000));
    const home = mkdtempSync(join(tmpdir(), 'portsync-home-'));
    chmodSync(home, 0o777);
    const env = { PATH: process.env.PATH, HOME: home };
    const options = { ...runAs(user), env };
    const program = run('src/cli.ts', ['lab', '--headless', '--replicas', '1'], options);
    const info = await infoOf(program);
    expect((await fetch(`${info.app}/api/ready`)).status).toBe(200);
    const traces = tracesOf(join(home, '.cache'), info.project);
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    await untilNothingIsLeft(traces);
    rmSync(home, { recursive: true });
  });
});

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
