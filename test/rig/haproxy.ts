import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Colour } from '../../src/model/container.ts';
import { writeEdgeFiles } from '../../src/services/edge/files.ts';
import { HaproxyEdge } from '../../src/services/edge/haproxy.ts';
import { EDGE_DEFAULTS, type EdgeSettings, edgeFile } from '../../src/services/edge/settings.ts';
import { openLocal } from '../../src/services/executor/local.ts';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { needProgram } from './programs.ts';
import { until } from './until.ts';

export const haproxyNeed = needProgram('haproxy');

export interface TestEdge {
  dir: string;
  url: string;
  edge: HaproxyEdge;
  settings: EdgeSettings;
  /** What HAProxy wrote. */
  said(): Promise<string>;
  close(): Promise<void>;
}

/** A HAProxy of its own in front of replicas on ports of this machine, set up as PortSync does. */
export async function startHaproxy(
  replicas: Record<Colour, readonly number[]>,
  changes: Partial<EdgeSettings> = {},
): Promise<TestEdge> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-edge-'));
  const port = await freePort();
  const named = (colour: Colour) =>
    replicas[colour].map((each, at) => ({
      name: `web-${colour}.${at + 1}`,
      address: `127.0.0.1:${each}`,
    }));
  const settings: EdgeSettings = {
    ...EDGE_DEFAULTS,
    dir,
    http: `127.0.0.1:${port}`,
    https: null,
    discovery: { kind: 'fixed', servers: { blue: named('blue'), green: named('green') } },
    ...changes,
  };
  const machine = openLocal();
  await writeEdgeFiles(machine, dir, settings, 'blue', AbortSignal.timeout(20_000));
  const child = start(dir);
  const said = () => readFile(join(dir, 'log'), 'utf8');
  const edge = new HaproxyEdge({ machine, dir, dirInside: dir });
  const answers = () => edge.traffic(AbortSignal.timeout(5_000)).then(Boolean, () => false);
  await until(async () => child.exitCode !== null || (await answers()), 30_000, 'haproxy');
  if (child.exitCode !== null) throw new Error(await said());
  return {
    dir,
    url: `http://127.0.0.1:${port}`,
    edge,
    settings,
    said,
    async close() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function start(dir: string): ChildProcess {
  const args = ['-W', '-db', '-S', edgeFile(dir, 'master'), '-f', edgeFile(dir, 'config')];
  const shell = `exec haproxy "$@" >"${join(dir, 'log')}" 2>&1`;
  const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  return spawn('sh', ['-c', shell, 'sh', ...args], { env: { PATH }, stdio: 'ignore' });
}
