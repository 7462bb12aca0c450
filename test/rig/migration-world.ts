import { ExternalError } from '../../src/errors.ts';
import type { Colour } from '../../src/model/container.ts';
import type { Migration, Preflight, Side } from '../../src/model/migration.ts';
import type { App } from '../../src/services/migration/app.ts';
import type { EnvFile } from '../../src/services/migration/env-file.ts';
import type { Entry } from '../../src/services/migration/position.ts';
import type { Shelf } from '../../src/services/migration/shelf.ts';

const other = (side: Side): Side => (side === 'source' ? 'target' : 'source');

/** What becomes of one call. `late`: it does its work, and only then does not answer. */
export type Fault = 'throw' | 'hang' | 'late' | 'die' | 'die-after';

/** Two databases, an edge, two colours, a .env and a disk: all that outlives a process. */
export class World {
  source = new Map<string, string>([['old', 'note']]);
  target = new Map<string, string>();
  fenced: Record<Side, boolean> = { source: false, target: false };
  counters: Record<Side, number> = { source: 7, target: 0 };
  /** What was written at each side by the app, in order. */
  log: Record<Side, Array<[string, string]>> = { source: [], target: [] };
  /** From where on each side keeps its changes for a follower; null: it does not. */
  keeps: Record<Side, number | null> = { source: null, target: null };
  lockedBy: { side: Side; session: Session } | null = null;
  copied = false;
  /** Both sides took writes at one time. */
  split = false;
  preflight: Preflight = {
    findings: [],
    estimate: null,
    wayBack: { possible: true, why: null },
  };
  serving: Colour = 'blue';
  colours: Record<Colour, Side | null> = { blue: 'source', green: null };
  holding: NodeJS.Timeout | null = null;
  env: Side = 'source';
  journal: Entry[] = [];
  picture: Migration | null = null;
  acknowledged: string[] = [];
  refused: string[] = [];
  private written = 0;

  quiet(side: Side): boolean {
    return this.fenced[side] && (this.fenced[other(side)] || this.lockedBy?.side === other(side));
  }

  fence(side: Side): void {
    this.fenced[side] = true;
  }

  unfence(side: Side): void {
    this.fenced[side] = false;
    if (!this.fenced[other(side)] && this.lockedBy?.side !== other(side)) this.split = true;
  }

  unlock(): void {
    this.lockedBy = null;
  }

  release(): void {
    if (this.holding) clearTimeout(this.holding);
    this.holding = null;
  }

  /** A request that writes, as the edge, a replica and the database take it. */
  async request(): Promise<void> {
    const key = `note ${this.written++}`;
    while (this.holding) await sleep(5);
    const side = this.colours[this.serving];
    if (!side) return void this.refused.push(key);
    while (this.lockedBy?.side === side) await sleep(5);
    if (this.fenced[side]) return void this.refused.push(key);
    this[side].set(key, 'text');
    this.log[side].push([key, 'text']);
    this.acknowledged.push(key);
  }
}

/** One process: when it dies, nothing of it goes on, and its locks are gone. */
export class Session {
  dead = false;
  following = false;
  breakFollowing: (error: Error) => void = () => {};
  readonly calls: string[] = [];
  readonly #world: World;
  readonly #faultAt: (index: number, name: string) => Fault | null;
  readonly #ends: Array<() => void> = [];

  constructor(world: World, faultAt: (index: number, name: string) => Fault | null = () => null) {
    this.#world = world;
    this.#faultAt = faultAt;
  }

  onDeath(end: () => void): void {
    this.#ends.push(end);
  }

  die(): void {
    this.dead = true;
    if (this.#world.lockedBy?.session === this) this.#world.unlock();
    for (const end of this.#ends) end();
  }

  readonly call = async <T>(name: string, work: () => T): Promise<T> => {
    if (this.dead) return never();
    const fault = this.#faultAt(this.calls.push(name) - 1, name);
    await sleep(2);
    if (this.dead) return never();
    if (fault === 'hang') return never();
    if (fault === 'throw') throw new ExternalError({ code: 'fault', message: `${name} failed` });
    if (fault === 'die') return this.#dieHere();
    const result = work();
    if (fault === 'die-after') return this.#dieHere();
    return fault === 'late' ? never() : result;
  };

  #dieHere(): Promise<never> {
    this.die();
    return never();
  }
}

export function fakeApp(world: World, { call }: Session): App {
  const edge: App['edge'] = {
    traffic: () =>
      call('traffic', () => ({
        ...{ serving: world.serving, requestsPerSecond: 0, errorsPerSecond: 0 },
        ...{ p50Ms: null, p95Ms: null, held: 0, replicas: [] },
      })),
    sees: () => call('sees', () => {}),
    hold: (deadlineMs) =>
      call('hold', () => {
        world.release();
        world.holding = setTimeout(() => world.release(), deadlineMs);
      }),
    drained: () => call('drained', () => {}),
    switchTo: (colour) =>
      call(`switchTo ${colour}`, () => {
        if (!world.colours[colour]) throw new Error(`switch to ${colour}, which does not run`);
        world.serving = colour;
      }),
    release: () =>
      call('release', () => {
        const expired = !world.holding;
        world.release();
        return { heldMs: 10, heldRequests: 1, failedRequests: 0, expired };
      }),
    close: async () => {},
  };
  const fleet: App['fleet'] = {
    replicas: () => call('replicas', () => []),
    start: (colour, { env }) =>
      call(`start ${colour}`, () => {
        if (world.serving === colour) throw new Error('started the colour that serves');
        world.colours[colour] = env.get('DATABASE_URL') as Side;
      }),
    healthy: (colour) =>
      call('healthy', () => {
        if (!world.colours[colour]) throw new Error(`${colour} does not run`);
      }),
    stop: (colour) =>
      call(`stop ${colour}`, () => {
        if (world.serving === colour) throw new Error('stopped the colour that serves');
        world.colours[colour] = null;
      }),
    resume: () => call('resume', () => {}),
    logs: async function* () {},
    close: async () => {},
  };
  return {
    edge,
    fleet,
    limits: { healthyMs: 1_000, watchMs: 0, newImageWatchMs: 0 },
    close: async () => {},
  };
}

export function fakeEnv(world: World, { call }: Session): EnvFile {
  return {
    names: () => call('env names', () => world.env),
    write: (side) =>
      call(`env ${side}`, () => {
        world.env = side;
      }),
    environment: async (side) => new Map([['DATABASE_URL', side]]),
  };
}

export function fakeShelf(world: World, { call }: Session): Shelf {
  return {
    readJournal: async () => [...world.journal],
    readPicture: async () => world.picture,
    append: (entry) => call(`note ${entry.step}`, () => void world.journal.push(entry)),
    draw: (migration) =>
      call('draw', () => {
        world.picture = structuredClone(migration);
      }),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function never(): Promise<never> {
  return new Promise(() => {});
}
