import { ExternalError } from '../../../errors.ts';
import { keyOf, type QualifiedName, quoted, shown } from '../names.ts';
import { passThrough } from '../wire/pass-through.ts';
import { copyIn, copyOut, type Part } from './parts.ts';
import { markCopied, markPartial } from './record.ts';
import type { Session } from './session.ts';
import type { Relation } from './tables.ts';

export interface DataOptions {
  parts: readonly Part[];
  /** The position of the snapshot that the sources' transactions see. */
  lsn: string;
  binary(table: Relation): boolean;
  moved(table: QualifiedName, bytes: number): void;
  arrived(table: QualifiedName, rows: number): void;
  /** All of it is at the target, and recorded there. */
  copied(table: Relation): void;
}

/** Hands out the parts of the tables to several pairs of sessions. */
export class DataQueue {
  readonly #options: DataOptions;
  readonly #parts: Part[];
  /** Parts still to be moved, by table. */
  readonly #left = new Map<string, number>();

  constructor(options: DataOptions) {
    this.#options = options;
    this.#parts = [...options.parts];
    for (const { table } of options.parts) {
      this.#left.set(keyOf(table), (this.#left.get(keyOf(table)) ?? 0) + 1);
    }
  }

  /** Moves parts until none is left; `source` is in a transaction of the snapshot. */
  async work(source: Session, target: Session, signal: AbortSignal): Promise<void> {
    for (let part = this.#parts.shift(); part; part = this.#parts.shift()) {
      if (part.range) await this.#moveRange(part, source, target, signal);
      else await this.#moveTable(part, source, target, signal);
    }
  }

  async #moveTable(part: Part, source: Session, target: Session, signal: AbortSignal) {
    const { lsn, copied } = this.#options;
    await this.#move(part, source, target, `; ${markCopied(part.table, lsn)}`, signal);
    copied(part.table);
  }

  async #moveRange(part: Part, source: Session, target: Session, signal: AbortSignal) {
    const { lsn, copied } = this.#options;
    await target.query(markPartial(part.table), signal);
    await this.#move(part, source, target, '', signal);
    const left = (this.#left.get(keyOf(part.table)) ?? 0) - 1;
    this.#left.set(keyOf(part.table), left);
    if (left > 0) return;
    await target.query(markCopied(part.table, lsn), signal);
    copied(part.table);
  }

  /** One transaction at the target: the rows, and `record` of them. */
  async #move(
    part: Part,
    source: Session,
    target: Session,
    record: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { table } = part;
    const binary = this.#options.binary(table);
    // The savepoint's end frees the table's lock, so that nobody queues behind it for the whole copy.
    const out = `savepoint portsync; ${copyOut(part, binary)}; rollback to savepoint portsync`;
    const passage = {
      ...{ from: source.dialled, out, to: target.dialled },
      into: `${copyIn(part, binary)}${record}`,
      onBytes: (count: number) => this.#options.moved(table, count),
    };
    try {
      this.#options.arrived(table, await passThrough(passage, signal));
    } catch (error) {
      throw copyFailed(table, error);
    }
  }
}

/** What the server says rarely names the table. */
function copyFailed(table: QualifiedName, error: unknown): unknown {
  if (!(error instanceof ExternalError)) return error;
  const { code, message, why, next, cause } = error;
  const rows = `The rows of ${shown(table)} could not be copied`;
  return new ExternalError({ code, message: `${rows}. ${message}`, why, next, cause });
}

/** Rows that an earlier run had moved of tables that it did not finish. */
export async function removePartial(
  target: Session,
  tables: readonly QualifiedName[],
  signal: AbortSignal,
): Promise<void> {
  for (const table of tables) await target.query(`truncate only ${quoted(table)}`, signal);
}
