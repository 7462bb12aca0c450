import { type Lsn, later } from './lsn.ts';
import type { Change, Message, Relation } from './pgoutput.ts';

/** Some whole transactions, or a part of a very large one. */
export interface Batch {
  changes: Change[];
  bytes: number;
  /** Whether a transaction of the other side begins with it, and whether it ends. */
  opens: boolean;
  closes: boolean;
  /** Commit of its last transaction at the source, and the end of that: where to go on afterwards. */
  commitLsn: Lsn;
  endLsn: Lsn;
}

interface Transaction {
  commitLsn: Lsn;
  endLsn: Lsn;
  changes: Change[];
  bytes: number;
  complete: boolean;
  /** Parts of it have been handed out already. */
  begun: boolean;
}

/**
 * Aim for batches of this size: large enough to coalesce, small enough that what is made of them is gone
 * before the garbage collector keeps it, which costs more than the statements that larger ones save.
 */
export const BATCH_BYTES = 512 * 1024;

/** Collects what the source sends into batches. Knows nothing of time, sockets or SQL. */
export class Inbox {
  readonly #startOf: (relation: Relation) => Lsn;
  readonly #transactions: Transaction[] = [];
  #open: Transaction | null = null;
  #bytes = 0;
  #seen: Lsn;
  /** Nothing that committed at it or later is handed out. */
  gate: Lsn | null = null;

  /** @param startOf changes of a table that committed before it are in its copy already */
  constructor(from: Lsn, startOf: (relation: Relation) => Lsn) {
    this.#seen = from;
    this.#startOf = startOf;
  }

  /** Every transaction that committed before it has been taken in. */
  get seen(): Lsn {
    return this.#seen;
  }

  /** Of changes that wait here. */
  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#transactions.length === 0;
  }

  /** A part of a transaction has been handed out, and not its end. */
  get begun(): boolean {
    return this.#transactions[0]?.begun === true;
  }

  /** Nothing that committed before the gate is here or still to come. */
  get settled(): boolean {
    const { gate } = this;
    if (gate === null || this.#seen < gate) return false;
    const first = this.#transactions[0];
    return !first || first.commitLsn >= gate;
  }

  take(message: Message, bytes: number): void {
    switch (message.kind) {
      case 'begin':
        this.#seen = later(this.#seen, message.commitLsn);
        this.#open = newTransaction(message.commitLsn);
        break;
      case 'commit':
        this.#commit(message.endLsn);
        break;
      case 'message':
        if (!message.transactional) this.#seen = later(this.#seen, message.lsn);
        break;
      case 'insert':
      case 'update':
      case 'delete':
      case 'truncate':
        this.#change(message, bytes);
        break;
    }
  }

  /** Everything before `end` has come: what did not is of no concern. */
  skip(end: Lsn): void {
    if (!this.#open) this.#seen = later(this.#seen, end);
  }

  /** What can be applied now; null when there is nothing, or less than `atLeast` bytes. */
  cut(atLeast: number): Batch | null {
    const [first] = this.#transactions;
    if (!first || this.#bytes < atLeast || !this.#passes(first)) return null;
    if (!first.complete && first.bytes < BATCH_BYTES) return null;
    if (!first.complete || first.begun) return this.#cutPart(first);
    const batch: Batch = { ...first, changes: [], bytes: 0, opens: true, closes: true };
    let taken = 0;
    for (const transaction of this.#transactions) {
      if (!transaction.complete || !this.#passes(transaction) || batch.bytes >= BATCH_BYTES) break;
      for (const change of transaction.changes) batch.changes.push(change);
      batch.bytes += transaction.bytes;
      batch.commitLsn = transaction.commitLsn;
      batch.endLsn = transaction.endLsn;
      taken += 1;
    }
    this.#transactions.splice(0, taken);
    return this.#handOut(batch);
  }

  #cutPart(transaction: Transaction): Batch {
    const { commitLsn, endLsn, changes, bytes, complete, begun } = transaction;
    if (complete) this.#transactions.shift();
    else Object.assign(transaction, { changes: [], bytes: 0, begun: true });
    return this.#handOut({ commitLsn, endLsn, changes, bytes, opens: !begun, closes: complete });
  }

  #handOut(batch: Batch): Batch {
    this.#bytes -= batch.bytes;
    return batch;
  }

  #passes({ commitLsn, begun }: Transaction): boolean {
    return this.gate === null || commitLsn < this.gate || begun;
  }

  #change(change: Change, bytes: number): void {
    const transaction = this.#open;
    if (!transaction) throw new Error('pgoutput sent a change outside of a transaction');
    const wanted = this.#wanted(change, transaction.commitLsn);
    if (!wanted) return;
    if (transaction.changes.length === 0 && !transaction.begun)
      this.#transactions.push(transaction);
    transaction.changes.push(wanted);
    transaction.bytes += bytes;
    this.#bytes += bytes;
  }

  #commit(endLsn: Lsn): void {
    const transaction = this.#open;
    this.#open = null;
    this.#seen = later(this.#seen, endLsn);
    if (transaction) Object.assign(transaction, { complete: true, endLsn });
  }

  #wanted(change: Change, commitLsn: Lsn): Change | null {
    if (change.kind !== 'truncate') {
      return commitLsn < this.#startOf(change.relation) ? null : change;
    }
    const relations = change.relations.filter((one) => commitLsn >= this.#startOf(one));
    if (relations.length === 0) return null;
    return { ...change, relations, whole: relations.length === change.relations.length };
  }
}

function newTransaction(commitLsn: Lsn): Transaction {
  return { commitLsn, endLsn: commitLsn, changes: [], bytes: 0, complete: false, begun: false };
}
