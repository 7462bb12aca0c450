import type { QualifiedName } from '../names.ts';
import { quoted } from '../names.ts';
import type { Tally } from './coalesce.ts';
import type { Table } from './table.ts';
import { type Key, keyValues } from './tuple.ts';

export interface TouchedTable {
  /** A partition's changes go by the name of its root. */
  name: QualifiedName;
  /** Columns that the keys consist of, unquoted, in order. Empty: the table has no key. */
  keyColumns: string[];
  /** Keys of rows that were written or deleted; null where they were too many, or there is no key. */
  keys: string[][] | null;
  /** How many rows there are more than at the reset. Means nothing where it was truncated. */
  rows: number;
  /** The table, or one of its partitions. */
  truncated: boolean;
}

/** Keys that are kept of all tables together; beyond them a table's keys are given up. */
const LIMIT = 200_000;

type Entry = Omit<Tally, 'keys'> & { keys: Set<Key> | null };

/** What was written at the other side since the last reset. */
export class Touched {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  #kept = 0;

  constructor(limit = LIMIT) {
    this.#limit = limit;
  }

  add(tallies: Iterable<Entry>): void {
    for (const { table, keys, rows, truncated } of tallies) {
      const entry = this.#entryOf(table);
      if (truncated) {
        this.#forget(entry);
        Object.assign(entry, { rows: 0, truncated: true, keys: emptyKeys(table) });
      }
      // Partitions may have their columns in another order.
      if (keyColumns(entry.table).join() !== keyColumns(table).join()) this.#forget(entry);
      entry.rows += rows;
      this.#keep(entry, keys);
    }
  }

  /** As `add` takes them. */
  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  reset(): void {
    this.#entries.clear();
    this.#kept = 0;
  }

  tables(): TouchedTable[] {
    return [...this.#entries.values()].map(({ table, keys, rows, truncated }) => ({
      name: table.root,
      keyColumns: keyColumns(table),
      keys: keys && [...keys].map((key) => keyValues(key, table.key.length)),
      rows,
      truncated,
    }));
  }

  #keep(entry: Entry, keys: ReadonlySet<Key> | null): void {
    if (!keys) this.#forget(entry);
    if (!keys || !entry.keys) return;
    const before = entry.keys.size;
    for (const key of keys) entry.keys.add(key);
    this.#kept += entry.keys.size - before;
    if (this.#kept > this.#limit) this.#forget(entry);
  }

  #forget(entry: Entry): void {
    this.#kept -= entry.keys?.size ?? 0;
    entry.keys = null;
  }

  #entryOf(table: Table): Entry {
    const name = quoted(table.root);
    const entry = this.#entries.get(name) ?? {
      table,
      keys: emptyKeys(table),
      rows: 0,
      truncated: false,
    };
    this.#entries.set(name, entry);
    return entry;
  }
}

function keyColumns(table: Table): string[] {
  return table.key.map((i) => table.columns[i]?.plain ?? '');
}

function emptyKeys(table: Table): Set<Key> | null {
  return table.key.length > 0 ? new Set() : null;
}
