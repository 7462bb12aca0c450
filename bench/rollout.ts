import type { Caller } from '../test/rig/http-interface.ts';
import { APP_IMAGE, buildAppImage } from '../test/rig/images.ts';
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
const LIMIT_MS = 20_000;
const NEXT_IMAGE = 'notes-app:2';

interface Sample {
  at: number;
  ms: number;
  failed: boolean;
}

const rig = await startSwarmRig();
try {
  await buildAppImage(rig.engine.docker, NEXT_IMAGE);
  const someone = await startShop(rig, 'watchSeconds: 2');
  const base = await during(someone, () => pause(BASE_MS));
  const ours = await during(someone, () => rounds(deploy));
  const swarms = await during(someone, () => rounds(rollingUpdate));
  report(rowsOf(base, ours, swarms), ['kamal-proxy: it is not to be had here'], json);
} finally {
  await rig.close();
}

async function rounds(one: (round: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < DEPLOYS; round += 1) {
    const start = performance.now();
    await one(round);
    times.push(performance.now() - start);
  }
  return times;
}

function deploy(round: number) {
  return mustRun(rig, 'deploy', round % 2 === 0 ? NEXT_IMAGE : APP_IMAGE, '--yes');
}

/** `docker service update --force --update-order start-first`, and the wait for its end. */
async function rollingUpdate(): Promise<void> {
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
    await pause(500);
    const { UpdateStatus } = await docker.getService(ID).inspect();
    if (UpdateStatus?.State === 'completed') return;
  }
}

/** A steady load while `work` runs; a fifth of it writes. */
async function during<T>(someone: Caller, work: () => Promise<T>) {
  const samples: Sample[] = [];
  const running = new Set<Promise<void>>();
  let stopped = false;
  const startedAt = performance.now();
  const pace = (async () => {
    for (let sent = 0; !stopped; await pause(5)) {
      const due = Math.floor(((performance.now() - startedAt) * PER_SECOND) / 1000);
      // What a machine that is busy otherwise does not manage is left out, and not saved up.
      if (running.size >= AT_ONCE) sent = due;
      for (; sent < due && running.size < AT_ONCE; sent += 1) {
        const each = ask(someone, sent, samples).finally(() => running.delete(each));
        running.add(each);
      }
    }
  })();
  const value = await work();
  stopped = true;
  await pace;
  await Promise.all(running);
  return { value, samples };
}

async function ask(someone: Caller, number: number, samples: Sample[]): Promise<void> {
  const at = performance.now();
  const writes = number % 5 === 0;
  const path = writes ? '/api/notes' : '/api/notes?limit=5';
  const body = writes ? { text: `note ${number}` } : undefined;
  const status = await someone.send(writes ? 'POST' : 'GET', path, body).then(
    (answer) => answer.status,
    () => 0,
  );
  const ms = performance.now() - at;
  samples.push({ at, ms, failed: status === 0 || status >= 300 || ms > LIMIT_MS });
}

interface Measured {
  value: number[];
  samples: Sample[];
}

function rowsOf(base: { samples: Sample[] }, ours: Measured, swarms: Measured): Row[] {
  const failures = ({ samples }: Measured) => samples.filter(({ failed }) => failed).length;
  const p99 = (samples: Sample[]) =>
    quantile(
      samples.map(({ ms }) => ms),
      0.99,
    );
  const added = ({ samples }: Measured) => p99(samples) - p99(base.samples);
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
  const requests = `${ours.samples.length} requests`;
  return [
    row(`failed requests, ${DEPLOYS} deploys, ${requests}`, 'requests', failures, 0),
    row('added to the 99th percentile', 'ms', added, 100),
    row('one deploy', 's', ({ value }) => median(value) / 1000),
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
