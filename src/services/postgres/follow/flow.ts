import type { Lsn } from './lsn.ts';
import type { Relation } from './pgoutput.ts';
import { Pulse } from './pulse.ts';
import type { Prepared } from './target.ts';
import { Touched } from './touched.ts';
import { Waits } from './waits.ts';

interface Doubt {
  endLsn: Lsn;
  commitLsn: Lsn;
}

/** What outlives a lost connection while changes flow. */
export class Flow {
  readonly waits = new Waits();
  readonly pulse = new Pulse();
  readonly touched = new Touched();
  /** Nothing that committed at it or later is applied. */
  gate: Lsn | null = null;
  /** Everything before it is at the other side. */
  reached: Lsn = 0n;
  /** Commit of the last transaction that was applied. */
  applied: Lsn = 0n;
  /** Transactions up to this commit are applied one change at a time. */
  singlyUntil: Lsn = 0n;
  /** A table was described otherwise than before; nothing is applied until somebody has looked. */
  suspicious = false;
  readonly #described = new Map<string, string>();
  /** Sent and not yet answered; and the part of a transaction that is not yet committed. */
  #inDoubt: Doubt | null = null;
  #part = new Touched();
  #sentChanges = 0;

  sent({ batch, tallies }: Prepared): void {
    this.#part.add(tallies);
    this.#sentChanges = batch.changes.length;
    if (batch.closes) this.#inDoubt = { endLsn: batch.endLsn, commitLsn: batch.commitLsn };
  }

  acknowledged(now: number): void {
    this.pulse.applied(this.#sentChanges, now);
    this.#sentChanges = 0;
    if (!this.#inDoubt) return;
    this.applied = this.#inDoubt.commitLsn;
    this.touched.add(this.#part.entries());
    this.#forgetPart();
  }

  /** After a connection was lost the other side's position tells whether the last batch got there. */
  startAt(position: Lsn, now: number): void {
    if (this.#inDoubt && position >= this.#inDoubt.endLsn) this.acknowledged(now);
    this.#forgetPart();
    this.suspicious = false;
    this.reach(position);
  }

  #forgetPart(): void {
    this.#inDoubt = null;
    this.#part = new Touched();
    this.#sentChanges = 0;
  }

  reach(lsn: Lsn): void {
    if (lsn <= this.reached) return;
    this.reached = lsn;
    this.pulse.waiting = null;
    this.pulse.reached(lsn, Date.now());
  }

  describe({ id, ...relation }: Relation): void {
    const name = `${relation.schema}.${relation.name}`;
    const described = JSON.stringify({ ...relation, id });
    const before = this.#described.get(name);
    this.#described.set(name, described);
    if (before !== undefined && before !== described) this.suspicious = true;
  }
}
