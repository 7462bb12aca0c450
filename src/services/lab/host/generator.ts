import { setTimeout as sleep } from 'node:timers/promises';
import type { LabFigures } from '../../../model/lab.ts';
import { ownProgram } from '../../programs.ts';
import { Child } from '../machine/child.ts';
import { LogRing } from '../machine/log-ring.ts';
import type { Registration } from '../machine/registry.ts';
import {
  TRAFFIC_VARIABLE,
  type TrafficOrder,
  type TrafficReport,
  type TrafficSettings,
} from '../traffic/messages.ts';

const RESTART_MS = 1_000;
const STOP_LIMIT_MS = 2_000;
const NOTHING: TrafficReport = { sent: 0, failed: 0, failedBy: {} };

/** The traffic generator's process, started again should it crash. */
export class Generator {
  readonly #settings: TrafficSettings;
  readonly #registration: Registration;
  #child: Child | null = null;
  #stopped = false;
  #spike = false;
  /** Of generators before this one. */
  #before = NOTHING;
  #now = NOTHING;

  constructor(settings: TrafficSettings, registration: Registration) {
    this.#settings = settings;
    this.#registration = registration;
  }

  get pid(): number | null {
    return this.#child?.process.pid ?? null;
  }

  start(): void {
    const child = this.#launch();
    this.#child = child;
    child.process.on('message', (report: TrafficReport) => {
      this.#now = report;
    });
    if (this.#spike) this.#order();
    void child.exited.then(async () => {
      this.#before = sum(this.#before, this.#now);
      this.#now = NOTHING;
      await sleep(RESTART_MS, undefined, { ref: false });
      if (!this.#stopped) this.start();
    });
  }

  setSpike(on: boolean): void {
    this.#spike = on;
    this.#order();
  }

  figures(): LabFigures {
    const { perSecond, spikePerSecond } = this.#settings;
    const plannedPerSecond = this.#spike ? spikePerSecond : perSecond;
    return { spike: this.#spike, plannedPerSecond, ...sum(this.#before, this.#now) };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#child?.stop('SIGTERM', STOP_LIMIT_MS);
  }

  #launch(): Child {
    const settings = { [TRAFFIC_VARIABLE]: JSON.stringify(this.#settings) };
    return new Child(
      {
        ...ownProgram('lab-traffic'),
        cwd: '/',
        env: settings,
        user: null,
        orphanSignal: 'SIGTERM',
        ipc: true,
      },
      this.#registration,
      new LogRing(),
    );
  }

  #order(): void {
    const order: TrafficOrder = { spike: this.#spike };
    const child = this.#child;
    if (child?.running && child.process.connected) child.process.send(order, () => {});
  }
}

function sum(a: TrafficReport, b: TrafficReport): TrafficReport {
  const failedBy = { ...a.failedBy };
  for (const [reason, count] of Object.entries(b.failedBy)) {
    failedBy[reason] = (failedBy[reason] ?? 0) + count;
  }
  return { sent: a.sent + b.sent, failed: a.failed + b.failed, failedBy };
}
