import { ExternalError } from '../../../errors.ts';
import type {
  CopyProgress,
  FollowProgress,
  Preflight,
  Proof,
  Side,
} from '../../../model/migration.ts';
import type { CleanupOptions, Following, Freeze, Mover } from '../../../ports/mover.ts';
import { type PostgresConnection, withConnection } from '../connection.ts';
import { copiedPositions } from '../copy/index.ts';
import { cleanUp, leftoversIn } from '../cutover/cleanup.ts';
import { lowerFence, raiseFence } from '../cutover/fence.ts';
import { acceptStructure } from '../follow/accept.ts';
import { createFeed, dropSlot } from '../follow/feed.ts';
import { followChanges } from '../follow/follow.ts';
import { wakeTriggers } from '../follow/triggers.ts';
import { preflightPostgres } from '../preflight/preflight.ts';
import { copyAll } from './copy-all.ts';
import { PostgresFollowing } from './following.ts';
import { dropWhatCame } from './inventory.ts';
import { copiedOnly } from './scope.ts';
import { otherSide, type Urls, WarmFreeze } from './warm-freeze.ts';

const FORGET_LIMIT_MS = 10_000;

/** Moves one PostgreSQL database into another, and can turn round. */
export class PostgresMover implements Mover {
  readonly kind = 'postgres';
  readonly #urls: Urls;
  readonly #sourceInContainer: boolean;
  /** Of the publication and the slot, on whichever side keeps its changes. */
  readonly #feed: string;
  readonly #freezes: Record<Side, WarmFreeze>;
  #following: { from: Side; following: PostgresFollowing } | null = null;

  /** @param name tells this move's objects from another's */
  constructor(urls: Urls, name: string, { sourceInContainer = false } = {}) {
    this.#urls = urls;
    this.#sourceInContainer = sourceInContainer;
    this.#feed = `portsync_${name.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`;
    this.#freezes = {
      source: new WarmFreeze(urls, 'source'),
      target: new WarmFreeze(urls, 'target'),
    };
  }

  preflight(signal: AbortSignal): Promise<Preflight> {
    const sourceInContainer = this.#sourceInContainer;
    return preflightPostgres({ ...this.#urls, sourceInContainer }, signal);
  }

  copy(report: (progress: CopyProgress) => void, signal: AbortSignal): Promise<void> {
    return copyAll(this.#urls, this.#feed, report, signal);
  }

  async follow(
    from: Side,
    report: (progress: FollowProgress) => void,
    signal: AbortSignal,
  ): Promise<Following> {
    const to = otherSide(from);
    // Where changes arrive, nobody needs those that an earlier turn kept there.
    await this.#forgetChanges(to, signal);
    const starts = from === 'source' ? await copiedPositions(this.#urls.target, signal) : new Map();
    const pair = { from: this.#urls[from], to: this.#urls[to] };
    const follow = await followChanges({ ...pair, feed: this.#feed, starts }, report, signal);
    const include = await copiedOnly(this.#urls.target, signal);
    const following = new PostgresFollowing(pair, follow, include, this.#freezes[from]);
    this.#following = { from, following };
    return following;
  }

  acceptStructure(from: Side, signal: AbortSignal): Promise<void> {
    return acceptStructure(this.#urls[from], this.#feed, signal);
  }

  /** From this moment on and no earlier: what came from the other side must not go back there. */
  async keepChanges(side: Side, signal: AbortSignal): Promise<void> {
    await this.#forgetChanges(side, signal);
    await createFeed(this.#urls[side], this.#feed, signal);
  }

  async fence(side: Side, signal: AbortSignal): Promise<void> {
    const include = await copiedOnly(this.#urls.target, signal);
    const reason = side === 'target' ? 'receiving' : 'moved';
    await raiseFence(this.#urls[side], { reason, include }, signal);
  }

  /** The triggers stay, and do nothing: dropping each would make readers wait, and they may be needed again. */
  async unfence(side: Side, signal: AbortSignal): Promise<void> {
    const open = async (connection: PostgresConnection) => {
      await wakeTriggers(connection, signal);
      await lowerFence(connection, signal);
    };
    const warm = this.#freezes[otherSide(side)].connectionThere();
    if (warm) return open(warm);
    await withConnection(this.#urls[side], signal, open);
  }

  async freeze(side: Side, signal: AbortSignal): Promise<Freeze> {
    const freeze = await this.#freezes[side].freeze(signal);
    const other = otherSide(side);
    return {
      ...freeze,
      thaw: async () => {
        await freeze.thaw();
        await this.#forgetChanges(other, AbortSignal.timeout(FORGET_LIMIT_MS)).catch(() => {});
      },
    };
  }

  prove(from: Side, signal: AbortSignal): Promise<Proof> {
    if (this.#following?.from !== from) throw notInStep();
    return this.#following.following.prove(signal);
  }

  async cleanup({ keepFence, dropCopy }: CleanupOptions, signal: AbortSignal): Promise<void> {
    const { source, target } = this.#urls;
    if (dropCopy) await dropWhatCame(target, signal);
    const outcomes = await Promise.allSettled([
      cleanUp(source, { keepFence: keepFence === 'source' }, signal),
      cleanUp(target, { keepFence: keepFence === 'target' }, signal),
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async leftovers(signal: AbortSignal): Promise<string[]> {
    const sides = Object.values(this.#urls).map((url) => leftoversIn(url, signal));
    return (await Promise.all(sides)).flat();
  }

  #forgetChanges(side: Side, signal: AbortSignal): Promise<void> {
    return withConnection(this.#urls[side], signal, (connection) =>
      dropSlot(connection, this.#feed, signal),
    );
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#freezes).map((freeze) => freeze.close()));
  }
}

function notInStep(): ExternalError {
  return new ExternalError({
    code: 'not-in-step',
    message: 'The two databases cannot be compared.',
    why: 'Nothing keeps them in step now, so that every new change would be a difference.',
    next: null,
  });
}
