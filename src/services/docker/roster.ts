import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PortSyncError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import type { Listed } from './answers.ts';
import type { EngineApi } from './api.ts';
import { eachOf } from './concurrent.ts';
import { differs, type Facts, factsOf, factsOfListed } from './facts.ts';

const LIST_EVERY_MS = 30_000;
const INSPECT_AT_ONCE = 8;
const INSPECT_LIMIT_MS = 3000;
/** Failures of an inspect that may be those of a single container: a lock held, a layer lost. */
const OF_ONE = ['engine-timeout', 'engine-failed'];

/**
 * Which containers there are. The engine's events name the ones that changed, and only these are
 * asked for; a look at an engine where nothing happens is one ping. A list every half minute, and
 * after every break of the connection, catches what the events did not tell.
 */
export class Roster {
  readonly #api: EngineApi;
  readonly #project: string | null;
  #facts = new Map<string, Facts>();
  #dirty = new Set<string>();
  /** Asked for in vain: not again before the next list, or every look would wait for them. */
  #stuck = new Set<string>();
  #listedAt = Number.NEGATIVE_INFINITY;
  #events: AbortController | null = null;
  #checked = false;

  constructor(api: EngineApi, project: string | null) {
    this.#api = api;
    this.#project = project;
  }

  async look(signal: AbortSignal): Promise<ReadonlyMap<string, Facts>> {
    try {
      if (!this.#events) await this.#follow(signal);
      if (performance.now() - this.#listedAt >= LIST_EVERY_MS) await this.#list(signal);
      else await this.#api.ping(signal);
      await eachOf([...this.#dirty], INSPECT_AT_ONCE, (id) => this.#inspect(id, signal));
      return this.#facts;
    } catch (error) {
      // A connection that fell silent may never end by itself: the next look begins with a new one.
      this.close();
      throw error;
    }
  }

  /** One answer of the engine, and what it says of the containers; the first look goes into them. */
  async overview(signal: AbortSignal): Promise<ReadonlyMap<string, Facts>> {
    await this.#list(signal);
    return this.#facts;
  }

  /** Makes the next look ask for this container again. */
  suspect(id: string): void {
    if (this.#facts.has(id)) this.#dirty.add(id);
  }

  close(): void {
    this.#events?.abort();
    this.#events = null;
    this.#checked = false;
  }

  /** Begins before the list is read, so that no change falls between the two. */
  async #follow(signal: AbortSignal): Promise<void> {
    if (!this.#checked) await this.#api.version(signal);
    this.#checked = true;
    const own = new AbortController();
    const stop = () => own.abort(signal.reason);
    signal.addEventListener('abort', stop);
    try {
      const stream = await this.#api.events(own.signal);
      this.#events = own;
      this.#listedAt = Number.NEGATIVE_INFINITY;
      this.#dirty = new Set(this.#facts.keys());
      stream.once('close', () => this.#lost(own)).on('error', () => this.#lost(own));
      this.#hear(stream);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #hear(stream: Readable): void {
    const lines = createInterface({ input: stream });
    lines
      .on('error', () => {})
      .on('line', (line) => {
        const id = containerIn(line);
        if (id !== null) this.#dirty.add(id);
      });
  }

  /** Whatever comes next may be another engine: it is asked for its version again. */
  #lost(connection: AbortController): void {
    if (this.#events !== connection) return;
    this.#events = null;
    this.#checked = false;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const listed = await this.#api.list(signal);
    const present = new Set(listed.map(({ Id }) => Id));
    for (const id of this.#facts.keys()) if (!present.has(id)) this.#remove(id);
    for (const each of listed) this.#compare(each);
    for (const id of this.#stuck) this.suspect(id);
    this.#stuck.clear();
    this.#listedAt = performance.now();
  }

  #compare(listed: Listed): void {
    const known = this.#facts.get(listed.Id);
    if (known && !differs(listed, known)) return;
    this.#facts.set(listed.Id, factsOfListed(listed, this.#project));
    this.#dirty.add(listed.Id);
  }

  /** A container that the engine is stuck on keeps what is known of it. */
  async #inspect(id: string, signal: AbortSignal): Promise<void> {
    const limit = timeLimit(INSPECT_LIMIT_MS, signal);
    this.#dirty.delete(id);
    try {
      this.#facts.set(id, factsOf(await this.#api.inspect(id, limit), this.#project));
    } catch (error) {
      const code = error instanceof PortSyncError ? error.code : '';
      if (code === 'no-such-container') return this.#remove(id);
      const stuck = OF_ONE.includes(code) && !signal.aborted;
      (stuck ? this.#stuck : this.#dirty).add(id);
      if (!stuck) throw error;
    }
  }

  #remove(id: string): void {
    this.#facts.delete(id);
    this.#dirty.delete(id);
  }
}

/** The container that an event is about; null for the torn last line of a lost connection. */
function containerIn(line: string): string | null {
  try {
    return (JSON.parse(line) as { id?: string }).id ?? null;
  } catch {
    return null;
  }
}
