import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { databaseProbe } from '../../src/services/database/probe.ts';
import { poll } from '../../src/state/poller.ts';
import { until } from './until.ts';

const MEASURED_MS = 24_000;

interface Watched {
  name: string;
  url: string;
  /** One client's load, until `signal` aborts. */
  load(signal: AbortSignal): Promise<void>;
  /** CPU time in ms of the probe's only session, and which one that is. @throws when it has two */
  probe(): Promise<{ id: number; cpuMs: number }>;
  /** CPU time in ms of the whole server. */
  serverCpuMs(): number;
}

/** Lets the pane's poller watch a server under four clients, and gives its share of the CPU in %. */
export async function shareOfProbe(server: Watched): Promise<number> {
  const stop = new AbortController();
  const probe = databaseProbe(server.url);
  try {
    let looks = 0;
    const load = Promise.all([1, 2, 3, 4].map(() => server.load(stop.signal)));
    const polling = poll(probe, () => (looks += 1), stop.signal);
    await until(() => looks >= 2);
    const before = { probe: await server.probe(), all: server.serverCpuMs(), looks };
    await sleep(MEASURED_MS);
    const after = { probe: await server.probe(), all: server.serverCpuMs(), looks };
    stop.abort();
    await Promise.all([load, polling]);
    expect(after.probe.id).toBe(before.probe.id);
    expect(after.looks).toBeGreaterThan(before.looks);
    const [ours, all] = [after.probe.cpuMs - before.probe.cpuMs, after.all - before.all];
    const share = (100 * ours) / all;
    const count = after.looks - before.looks;
    console.log(`${server.name}: ${count} looks, ${ours} of ${all} ms CPU, ${share.toFixed(2)} %`);
    return share;
  } finally {
    stop.abort();
    await probe.close();
  }
}
