import { expect, vi } from 'vitest';
import type { MigrationState } from '../../src/model/migration.ts';
import { Book } from '../../src/services/migration/book.ts';
import { Desk, type Request } from '../../src/services/migration/desk.ts';
import { freshMigration, type Order } from '../../src/services/migration/order.ts';
import { type Ending, positionOf } from '../../src/services/migration/position.ts';
import { runMigration } from '../../src/services/migration/run.ts';
import { fakeMover } from './fake-mover.ts';
import { fakeApp, fakeEnv, fakeShelf, Session, type World } from './migration-world.ts';

export const ORDER: Order = {
  id: 'abcd',
  kind: 'postgres',
  urls: { source: 'postgres://app:x@old/app', target: 'postgres://app:x@new/app' },
  app: true,
  env: true,
  options: { deadlineMs: 1_000, holdCutover: false, rehearsal: false, proof: 'quick' },
};

/** A process that works on the migration of `world`, in the time of vitest's fake timers. */
export class Process {
  readonly session: Session;
  readonly life = new AbortController();
  desk: Desk | null = null;
  book: Book | null = null;
  outcome: 'running' | 'ended' | 'failed' = 'running';
  readonly #world: World;
  readonly #order: Order;

  constructor(world: World, faultAt?: ConstructorParameters<typeof Session>[1], order = ORDER) {
    this.#world = world;
    this.#order = order;
    this.session = new Session(world, faultAt);
    void this.#run().then(
      () => (this.outcome = 'ended'),
      () => (this.outcome = 'failed'),
    );
  }

  get state(): MigrationState {
    return this.book?.migration.state ?? 'idle';
  }

  async #run(): Promise<void> {
    const [world, session] = [this.#world, this.session];
    const book = await Book.open(fakeShelf(world, session), freshMigration(this.#order));
    this.book = book;
    this.desk = new Desk(() => book.migration);
    const app = this.#order.app ? fakeApp(world, session) : null;
    const parts = {
      mover: fakeMover(world, session),
      app,
      env: fakeEnv(world, session),
      book,
      options: this.#order.options,
      alone: <T>(_signal: AbortSignal, work: () => Promise<T>) => work(),
    };
    await runMigration(parts, this.desk, this.life.signal);
  }

  get mayGoBack(): boolean {
    return this.book?.migration.wayBack.open ?? false;
  }

  get settled(): boolean {
    return ['ready', 'switched', 'returned'].includes(this.state) && this.session.following;
  }

  triedTo(way: 'forward' | 'back'): boolean {
    const cutover = this.book?.migration.cutover;
    return cutover?.way === way && cutover.outcome !== null;
  }

  async until(condition: () => boolean, withinMs = 45_000): Promise<void> {
    for (let ms = 0; !condition(); ms += 10) {
      if (ms > withinMs) {
        throw new Error(
          `not so: ${condition}; ${this.state}, after ${this.session.calls.slice(-9)}`,
        );
      }
      await vi.advanceTimersByTimeAsync(10);
    }
  }

  get over(): boolean {
    return this.session.dead || this.outcome !== 'running';
  }
}

/** Requests that write, one every 25 ms, until it is stopped. */
export function load(world: World): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const one = world.request().finally(() => running.delete(one));
    running.add(one);
  }, 25);
  return async () => {
    clearInterval(timer);
    for (let ms = 0; running.size > 0 && ms < 10_000; ms += 10)
      await vi.advanceTimersByTimeAsync(10);
    expect(running.size).toBe(0);
  };
}

/** The app works on one database, the .env names it, nothing waits, nothing is lost. */
export function expectWhole(world: World, process: Process): void {
  const side = world.colours[world.serving];
  const position = positionOf(world.journal);
  expect(side).not.toBeNull();
  expect(world.env).toBe(side);
  expect(position.serving).toBe(side);
  expect(position.attempt).toBeNull();
  expect(world.fenced[side ?? 'source']).toBe(false);
  expect(world.lockedBy).toBeNull();
  expect(world.holding).toBeNull();
  expect(world.split).toBe(false);
  const here = world[side ?? 'source'];
  expect(world.acknowledged.filter((key) => !here.has(key))).toEqual([]);
  const on: MigrationState[] =
    side === 'target'
      ? ['switched', 'finished']
      : ['ready', 'following', 'returned', 'aborted', 'finished', 'failed', 'preflight', 'copying'];
  expect(on).toContain(process.state);
}

export async function ask(process: Process, request: Request): Promise<void> {
  await process.until(() => {
    try {
      process.desk?.ask(request);
      return true;
    } catch {
      return process.over;
    }
  });
}

export async function end(process: Process, how: Ending['how']): Promise<void> {
  process.desk?.end({ how, dropCopy: false });
  await process.until(() => process.over);
}

/** From the start over the cut-over to the new database, and back to the old one. */
export async function thereAndBack(process: Process): Promise<void> {
  await process.until(() => process.over || process.triedTo('forward'));
  if (process.state !== 'switched') return;
  await process.until(() => process.over || process.mayGoBack);
  if (process.over) return;
  await ask(process, 'back');
  await process.until(() => process.over || process.triedTo('back'));
}
