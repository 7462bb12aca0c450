import type { Proof } from '../../../model/migration.ts';
import type { Following } from '../../../ports/mover.ts';
import type { TableFilter } from '../cutover/tables.ts';
import type { Follow } from '../follow/follow.ts';
import { Prover } from '../proof/prover.ts';
import type { WarmFreeze } from './warm-freeze.ts';

/** Changes that flow from one side to the other, and what can be proved while they do. */
export class PostgresFollowing implements Following {
  readonly #follow: Follow;
  readonly #prover: Prover;
  readonly #freeze: WarmFreeze;

  constructor(
    pair: { from: string; to: string },
    follow: Follow,
    include: TableFilter,
    freeze: WarmFreeze,
  ) {
    this.#follow = follow;
    this.#prover = new Prover(pair, follow, { include });
    this.#freeze = freeze;
  }

  get ended(): Promise<void> {
    return this.#follow.ended;
  }

  caughtUp(signal: AbortSignal): Promise<void> {
    return this.#follow.caughtUp(signal);
  }

  /** Also opens what the pause would otherwise wait for. */
  async prepareProof(signal: AbortSignal): Promise<Proof> {
    const proof = await this.#prover.prepare(signal);
    await this.#freeze.warm(signal);
    return proof;
  }

  quickProof(signal: AbortSignal): Promise<Proof> {
    return this.#prover.quick(signal);
  }

  prove(signal: AbortSignal): Promise<Proof> {
    return this.#prover.full(signal);
  }

  async stop(): Promise<void> {
    await this.#prover.close();
    await this.#follow.stop();
  }
}
