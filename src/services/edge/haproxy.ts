import { setTimeout as sleep } from 'node:timers/promises';
import type { PortSyncError } from '../../errors.ts';
import { type Colour, otherColour } from '../../model/container.ts';
import type { Traffic } from '../../model/traffic.ts';
import type { Edge, HoldReport } from '../../ports/edge.ts';
import type { Executor } from '../../ports/executor.ts';
import { stopped } from '../executor/stopped.ts';
import {
  type HoldState,
  parseHoldState,
  parseRequests,
  parseStat,
  parseTableEntry,
} from './answers.ts';
import { notReady, notSeen, refused } from './errors.ts';
import { type ReplicaName, trafficOf } from './figures.ts';
import { mapText, servingIn } from './map-file.ts';
import { Runtime } from './runtime.ts';
import { backendOf, edgeFile, SPARE } from './settings.ts';

const LOOK_EVERY_MS = 15;
const SETTLE_LIMIT_MS = 15_000;

export interface HaproxyOptions {
  /** The machine that HAProxy runs on. */
  machine: Executor;
  /** The edge's directory on that machine, and as HAProxy sees it. */
  dir: string;
  dirInside: string;
  /** Who has which IP address; without it replicas are called as HAProxy calls them. */
  names?: (signal: AbortSignal) => Promise<ReadonlyMap<string, ReplicaName>>;
}

/** The `Edge` port over one HAProxy, through its runtime socket. */
export class HaproxyEdge implements Edge {
  readonly #options: HaproxyOptions;
  readonly #runtime: Runtime;
  /** The map's name is its path as HAProxy sees it. */
  readonly #map: string;

  constructor(options: HaproxyOptions) {
    this.#options = options;
    this.#runtime = new Runtime(options.machine, edgeFile(options.dir, 'socket'));
    this.#map = edgeFile(options.dirInside, 'map');
  }

  async traffic(signal: AbortSignal): Promise<Traffic> {
    const [hold, serving, stat, requests, names] = await Promise.all([
      this.#command('state', signal),
      this.serving(signal),
      this.#runtime.ask('show stat -1 4 -1', signal),
      this.#runtime.ask('show events requests', signal),
      this.#options.names?.(signal) ?? new Map(),
    ]);
    return trafficOf({
      serving,
      hold,
      waiting: hold.held ? await this.#waiting(hold.id, signal) : 0,
      rows: parseStat(stat),
      requests: parseRequests(requests),
      names,
    });
  }

  async serving(signal: AbortSignal): Promise<Colour | null> {
    return servingIn(await this.#runtime.ask(`show map ${this.#map}`, signal));
  }

  async sees(colour: Colour, replicas: number, signal: AbortSignal): Promise<void> {
    const enough = async () => (await this.#up(colour, signal)) >= replicas;
    await until(enough, signal, () => notSeen(colour, replicas, signal));
  }

  async hold(deadlineMs: number, signal: AbortSignal): Promise<void> {
    await this.#command(`hold ${Math.round(deadlineMs)}`, signal);
  }

  async drained(colour: Colour, signal: AbortSignal): Promise<void> {
    const idle = async () => (await this.#running(colour, signal)) <= 0;
    await this.#setSpares(otherColour(colour), 'maint', signal);
    const what = `Waiting for the running requests of ${colour}`;
    await until(idle, signal, () => stopped(signal, what));
  }

  async switchTo(colour: Colour, signal: AbortSignal): Promise<void> {
    if ((await this.#up(colour, signal)) === 0) throw notReady(colour);
    await this.#setSpares(colour, 'maint', signal);
    await this.#runtime.tell(`set map ${this.#map} app ${backendOf(colour)}`, signal);
    const { machine, dir } = this.#options;
    const text = new TextEncoder().encode(mapText(colour));
    await machine.writeFile(edgeFile(dir, 'map'), text, 0o644, signal);
  }

  async spare(colour: Colour, signal: AbortSignal): Promise<void> {
    await this.#setSpares(otherColour(colour), 'ready', signal);
  }

  async release(signal: AbortSignal): Promise<HoldReport> {
    const { id, first, ended, expired } = await this.#command('release', signal);
    const settled = await this.#settled(id, signal);
    return {
      heldMs: first === 0 ? 0 : ended - first,
      heldRequests: settled.held,
      failedRequests: settled.held - settled.answered,
      expired,
    };
  }

  async close(): Promise<void> {}

  async #waiting(id: string, signal: AbortSignal): Promise<number> {
    const text = await this.#runtime.ask(`show table holds key ${id}`, signal);
    return parseTableEntry(text, id)?.get('conn_cur') ?? 0;
  }

  /** Waits, for a while, until every request of the hold was answered or is over. */
  async #settled(id: string, signal: AbortSignal): Promise<{ held: number; answered: number }> {
    const end = performance.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const text = await this.#runtime.ask(`show table holds key ${id}`, signal);
      const entry = parseTableEntry(text, id);
      const [held = 0, answered = 0] = [entry?.get('conn_cnt'), entry?.get('gpc0')];
      const over = answered >= held || entry?.get('conn_cur') === 0;
      if (over || performance.now() > end) return { held, answered: Math.min(answered, held) };
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Those in the backend of `colour`, all in one go. */
  async #setSpares(colour: Colour, state: 'ready' | 'maint', signal: AbortSignal): Promise<void> {
    const backend = backendOf(colour);
    const rows = parseStat(await this.#runtime.ask(`show stat ${backend} 4 -1`, signal));
    const spares = rows.filter(({ server }) => server.startsWith(SPARE));
    const words = spares.map(({ server }) => `set server ${backend}/${server} state ${state}`);
    if (words.length > 0) await this.#runtime.tell(words.join(';'), signal);
  }

  async #up(colour: Colour, signal: AbortSignal): Promise<number> {
    const rows = parseStat(await this.#runtime.ask(`show stat ${backendOf(colour)} 4 -1`, signal));
    const own = rows.filter(({ server }) => !server.startsWith(SPARE));
    return own.filter(({ status, checked }) => checked && status.startsWith('UP')).length;
  }

  /** Requests that the colour works on or that wait for a place there, less what never ends by itself. */
  async #running(colour: Colour, signal: AbortSignal): Promise<number> {
    const backend = backendOf(colour);
    const [row] = parseStat(await this.#runtime.ask(`show stat ${backend} 2 -1`, signal));
    const table = await this.#runtime.ask(`show table endless key ${backend}`, signal);
    const endless = parseTableEntry(table, backend)?.get('conn_cur') ?? 0;
    return (row?.running ?? 0) + (row?.queued ?? 0) - endless;
  }

  async #command(words: string, signal: AbortSignal): Promise<HoldState> {
    const answer = await this.#runtime.ask(`portsync ${words}`, signal);
    const state = parseHoldState(answer);
    if (state) return state;
    throw refused(`portsync ${words}`, answer.trim() || 'nothing');
  }
}

async function until(
  condition: () => Promise<boolean>,
  signal: AbortSignal,
  failure: () => PortSyncError,
): Promise<void> {
  while (!(await condition())) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      throw failure();
    });
  }
}
