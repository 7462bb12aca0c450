import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../test/rig/http-interface.ts';
import { APP_IMAGE, buildAppImage } from '../test/rig/images.ts';
import { type LoadResult, startLoad } from '../test/rig/load.ts';
import { mustRun, startShop } from '../test/rig/shop.ts';
import { startSwarmRig } from '../test/rig/swarm.ts';
import { benchOptions, median, quantile, type Row, report } from './report.ts';

// Deploys under load on one machine with Docker: failed requests, what they add to the latency, and how
// long they take, beside the rolling update that Docker Swarm has itself, behind the same load
// balancer. `npm run bench:rollout`

const { quick, json } = benchOptions();
const DEPLOYS = quick ? 4 : 20;
const PER_SECOND = 200;
const AT_ONCE = 100;
const BASE_MS = quick ? 5_000 : 20_000;
const NEXT_IMAGE = 'notes-app:2';

interface Deploy {
  wholeMs: number;
  switchedMs: number;
}

const rig = await startSwarmRig();
try {
  await buildAppImage(rig.engine.docker, NEXT_IMAGE);
  const someone = await startShop(rig, 'watchSeconds: 2');
  const base = await during(someone, () => sleep(BASE_MS));
  const ours = await during(someone, () => rounds(deploy));
  const swarms = await during(someone, () => rounds(rollingUpdate));
  tellFailures(ours);
  report(rowsOf(base, ours, swarms), ['kamal-proxy: it is not to be had here'], json);
} finally {
  await rig.close();
}

async function rounds(one: (round: number) => Promise<number | null>): Promise<Deploy[]> {
  const deploys: Deploy[] = [];
  for (let round = 0; round < DEPLOYS; round += 1) {
    const start = performance.now();
    const switchedMs = await one(round);
    const wholeMs = performance.now() - start;
    deploys.push({ wholeMs, switchedMs: switchedMs ?? wholeMs });
  }
  return deploys;
}

async function deploy(round: number): Promise<number> {
  const image = round % 2 === 0 ? NEXT_IMAGE : APP_IMAGE;
  const { healthyMs } = await mustRun(rig, 'deploy', image, '--yes');
  return healthyMs as number;
}

/** `docker service update --force --update-order start-first`, to its end: it switches all the while. */
async function rollingUpdate(): Promise<null> {
  const { docker } = rig.engine;
  const services = await docker.listServices();
  const serving = services.find(
    ({ Spec }) => /web-/.test(Spec?.Name ?? '') && (Spec?.Mode?.Replicated?.Replicas ?? 0) > 0,
  );
  if (!serving) throw new Error('nothing serves');
  const { ID, Spec, Version } = serving;
  const task = Spec?.TaskTemplate as { ForceUpdate?: number };
  await docker.getService(ID).update({
    ...Spec,
    version: Version?.Index,
    TaskTemplate: { ...task, ForceUpdate: (task.ForceUpdate ?? 0) + 1 },
    UpdateConfig: { Parallelism: 1, Order: 'start-first' },
  });
  for (;;) {
    await sleep(500);
    const { UpdateStatus } = await docker.getService(ID).inspect();
    if (UpdateStatus?.State === 'completed') return null;
  }
}

/** A steady load while `work` runs; a fifth of it writes. */
async function during<T>(someone: Caller, work: () => Promise<T>) {
  const stop = startLoad(someone, PER_SECOND, AT_ONCE);
  const value = await work();
  return { value, load: await stop() };
}

interface Measured {
  /** Of each deploy: all of it, and until the new replicas could serve; ms. */
  value: Deploy[];
  load: LoadResult;
}

function rowsOf(base: { load: LoadResult }, ours: Measured, swarms: Measured): Row[] {
  const p99 = ({ load }: { load: LoadResult }) => quantile(load.tookMs, 0.99);
  const peerName = 'Swarm’s rolling update';
  const row = (
    metric: string,
    unit: string,
    of: (each: Measured) => number,
    atMost?: number,
  ): Row => ({
    ...{ metric, unit, portsync: of(ours), peer: of(swarms), peerName },
    goal: atMost === undefined ? null : { atMost, of: 'value' },
  });
  const requests = `${ours.load.tookMs.length} requests`;
  return [
    row(`failed, ${DEPLOYS} deploys, ${requests}`, '', ({ load }) => load.failures.length, 0),
    row('added to the 99th percentile', 'ms', (each) => p99(each) - p99(base), 100),
    row(
      'until the switch',
      's',
      ({ value }) => median(value.map((each) => each.switchedMs)) / 1000,
    ),
    row('one deploy', 's', ({ value }) => median(value.map((each) => each.wholeMs)) / 1000),
  ];
}

function tellFailures({ load }: Measured): void {
  for (const reason of new Set(load.failures)) {
    console.log(`${load.failures.filter((each) => each === reason).length} × ${reason}`);
  }
}
