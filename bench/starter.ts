import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { memoryUse } from '../test/rig/engine/small-machine.ts';
import { Caller } from '../test/rig/http-interface.ts';
import { buildStarterImage } from '../test/rig/images.ts';
import { startLoad } from '../test/rig/load.ts';
import { mustRun } from '../test/rig/shop.ts';
import { type SwarmRig, startSwarmRig } from '../test/rig/swarm.ts';
import { until } from '../test/rig/until.ts';
import { benchOptions, median, quantile, type Row, report } from './report.ts';

// The starter on the smallest machine that is sold: one core and 1 GB for the engine, its containers and
// portsync. From an empty directory to the first page, and memory idle and in a deploy. The images are
// there already. `npm run bench:starter`. No peer: what else sets such a stack up asks for 2 GB.

const { quick, json } = benchOptions();
const MACHINES = quick ? 1 : 5;
const IDLE_MS = quick ? 15_000 : 60_000;
const SIZE = { cores: 1, memoryBytes: 2 ** 30 };
const PER_SECOND = 20;
const MB = 2 ** 20;
const CLI = fileURLToPath(new URL('../bin/portsync.js', import.meta.url));
const [IMAGE, NEXT_IMAGE] = ['starter:1', 'starter:2'];

interface Measured {
  firstPageSeconds: number;
  idleMegabytes: number;
  deployMegabytes: number;
  deploySeconds: number;
  failed: number;
  killed: number;
}

const measured: Measured[] = [];
for (let number = 1; number <= MACHINES; number += 1) {
  const rig = await startSwarmRig({ built: CLI, size: SIZE });
  try {
    const one = await measure(rig);
    measured.push(one);
    console.log(`${number}: ${JSON.stringify(one)}`);
  } finally {
    await rig.close();
  }
}
report(rowsOf(), [], json);

async function measure(rig: SwarmRig): Promise<Measured> {
  const { docker, dir } = rig.engine;
  await buildStarterImage(docker, IMAGE);
  await docker.getImage(IMAGE).tag({ repo: 'starter', tag: '2' });
  const firstPageSeconds = await seconds(async () => {
    await mustRun(rig, 'init', rig.dir, '--app', 'shop', '--image', IMAGE, '--yes');
    await mustRun(rig, 'up', '--yes');
    const page = () =>
      fetch(rig.url).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(page, 60_000, 'the first page');
  });
  await sleep(IDLE_MS);
  const idle = (await memoryUse(dir)).bytes;
  const someone = await new Caller(rig.url).signUp();
  const stop = startLoad(someone, PER_SECOND, 100);
  const peak = startPeak(dir);
  const deploySeconds = await seconds(() =>
    mustRun(rig, 'deploy', NEXT_IMAGE, '--yes', '--watch', '5'),
  );
  const [deploy, { failures }] = [await peak(), await stop()];
  const { killed } = await memoryUse(dir);
  return {
    firstPageSeconds,
    idleMegabytes: Math.round(idle / MB),
    deployMegabytes: Math.round(deploy / MB),
    deploySeconds,
    failed: failures.length,
    killed,
  };
}

/** Looks every half second; answers the most that it saw. */
function startPeak(dir: string): () => Promise<number> {
  let most = 0;
  let stopped = false;
  const looking = (async () => {
    for (; !stopped; await sleep(500)) most = Math.max(most, (await memoryUse(dir)).bytes);
  })();
  return async () => {
    stopped = true;
    await looking;
    return most;
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((performance.now() - start) / 100) / 10;
}

function rowsOf(): Row[] {
  const of = (key: keyof Measured) => measured.map((each) => each[key]);
  const row = (metric: string, unit: string, portsync: number, atMost?: number): Row => ({
    ...{ metric, unit, portsync, peer: null, peerName: null },
    goal: atMost === undefined ? null : { atMost, of: 'value' },
  });
  const longest = (key: keyof Measured) => quantile(of(key), 1);
  return [
    row(`first page, median of ${MACHINES}`, 's', median(of('firstPageSeconds'))),
    row('memory, idle, most', 'MB', longest('idleMegabytes'), 1024),
    row('memory, in a deploy, most', 'MB', longest('deployMegabytes'), 1024),
    row('one deploy, median', 's', median(of('deploySeconds'))),
    row('requests failed in deploys', 'requests', longest('failed'), 0),
    row('processes killed for want of memory', '', longest('killed'), 0),
  ];
}
