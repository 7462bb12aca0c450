import type { Side } from '../../../model/migration.ts';
import type { Freeze } from '../../../ports/mover.ts';
import { describeTarget } from '../../database/url.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { type Freezer, prepareFreeze } from '../cutover/freeze.ts';
import { readSequences, setSequences } from '../cutover/sequences.ts';
import { copiedOnly } from './scope.ts';

export type Urls = Readonly<Record<Side, string>>;

interface Warm {
  freezer: Freezer;
  /** For the sequences: read here, set at the other side. */
  here: PostgresConnection;
  there: PostgresConnection;
}

/** Stops the writers of one side, over sessions that were opened while nobody waited. */
export class WarmFreeze {
  readonly #urls: Urls;
  readonly #side: Side;
  #warm: Warm | null = null;

  constructor(urls: Urls, side: Side) {
    this.#urls = urls;
    this.#side = side;
  }

  /** Opens anew, since what is kept may have died meanwhile. */
  async warm(signal: AbortSignal): Promise<void> {
    await this.close();
    const include = await copiedOnly(this.#urls.target, signal);
    const reason = this.#side === 'source' ? 'moved' : 'returned';
    const [freezer, here, there] = await Promise.all([
      prepareFreeze(this.#urls[this.#side], { reason, include }, signal),
      connectPostgres(this.#urls[this.#side], 'portsync sequences', signal),
      connectPostgres(this.#urls[otherSide(this.#side)], 'portsync sequences', signal),
    ]);
    this.#warm = { freezer, here, there };
  }

  async freeze(signal: AbortSignal): Promise<Freeze> {
    if (!this.#warm?.here.alive || !this.#warm.there.alive) await this.warm(signal);
    const { freezer, here, there } = this.#warm as Warm;
    const frozen = await freezer.freeze(signal);
    const { where } = describeTarget(this.#urls[otherSide(this.#side)]);
    return {
      carryCounters: async (during) =>
        setSequences(there, await readSequences(here, during), where, during),
      seal: (during) => frozen.seal(during),
      thaw: () => frozen.thaw(),
    };
  }

  /** With the other side, where one is open. */
  connectionThere(): PostgresConnection | null {
    return this.#warm?.there.alive ? this.#warm.there : null;
  }

  async close(): Promise<void> {
    const warm = this.#warm;
    this.#warm = null;
    await Promise.all([warm?.freezer.close(), warm?.here.close(), warm?.there.close()]);
  }
}

export function otherSide(side: Side): Side {
  return side === 'source' ? 'target' : 'source';
}
