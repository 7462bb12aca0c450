import type { Change, Relation, RowChange, Truncate } from './pgoutput.ts';
import type { Table } from './table.ts';
import { keyOf, lengthOf, merged, type Tuple, UNCHANGED } from './tuple.ts';

/** One statement to be. Rows of an insert, update or delete are written at once. */
export type Step =
  | { kind: 'insert'; table: Table; rows: Tuple[] }
  | UpdateStep
  | { kind: 'delete'; table: Table; rows: Tuple[] }
  | { kind: 'truncate'; tables: Table[]; restartIdentity: boolean }
  /** Where a table that refers to it is not to be truncated, which TRUNCATE would refuse. */
  | { kind: 'empty'; table: Table };

export interface UpdateStep {
  kind: 'update';
  table: Table;
  rows: Tuple[];
  /** Names the row that `rows` at the same place becomes. */
  keys: Tuple[];
  /** Columns that are left as they are. */
  kept: number[];
  /** Whether the key becomes another. */
  rekeys: boolean;
}

/** What a key comes to after all of its changes; `replace`: it was deleted and is there again. */
interface Net {
  kind: 'insert' | 'update' | 'delete' | 'replace';
  /** Holds the values of the key. */
  key: Tuple;
  row: Tuple;
}

/** What happened to each table, whatever statements it takes. */
export interface Tally {
  table: Table;
  /** As keyOf gives them. */
  keys: Set<string>;
  /** Inserted less deleted, since the truncation where there was one. */
  rows: number;
  truncated: boolean;
}

export interface Plan {
  steps: Step[];
  tallies: Tally[];
}

/**
 * The fewest statements that leave the tables as `changes`, one after another, would: one for each table
 * and operation between two barriers. Deletes come first, then updates, then inserts, so that a unique
 * value can go from one row to another; where one goes round in a circle, `singly` gives a statement for
 * each change, in the order of the source.
 */
export function planFor(
  changes: readonly Change[],
  tableOf: (relation: Relation) => Table,
  { singly }: { singly: boolean },
): Plan {
  const planner = new Planner(tableOf);
  for (const change of changes) {
    planner.add(change);
    if (singly) planner.flush();
  }
  planner.flush();
  return { steps: planner.steps, tallies: [...planner.tallies.values()] };
}

class Planner {
  readonly steps: Step[] = [];
  readonly tallies = new Map<Table, Tally>();
  readonly #tableOf: (relation: Relation) => Table;
  #nets = new Map<Table, Map<string, Net>>();
  #keyless = new Map<Table, Step[]>();

  constructor(tableOf: (relation: Relation) => Table) {
    this.#tableOf = tableOf;
  }

  add(change: Change): void {
    if (change.kind === 'truncate') {
      this.#addTruncate(change);
      return;
    }
    const table = this.#tableOf(change.relation);
    const tally = this.#tally(table);
    if (change.kind !== 'update') tally.rows += change.kind === 'insert' ? 1 : -1;
    if (table.key.length === 0) this.#addKeyless(table, change);
    else this.#addKeyed(table, change, tally);
  }

  /** Everything so far happens before everything that is added later. */
  flush(): void {
    const tables = [...this.#nets.keys()].sort((a, b) => a.rank - b.rank);
    const steps = tables.map((table) => stepsOf(table, this.#nets.get(table) ?? new Map()));
    for (const { deletes } of steps.toReversed()) this.steps.push(...deletes);
    for (const { writes } of steps) this.steps.push(...writes);
    for (const keyless of this.#keyless.values()) this.steps.push(...keyless);
    this.#nets = new Map();
    this.#keyless = new Map();
  }

  #addTruncate({ relations, restartIdentity, whole }: Truncate): void {
    this.flush();
    const tables = relations.map(this.#tableOf);
    for (const table of tables) {
      this.tallies.set(table, { table, keys: new Set(), rows: 0, truncated: true });
    }
    if (whole) this.steps.push({ kind: 'truncate', tables, restartIdentity });
    else this.steps.push(...tables.map((table) => ({ kind: 'empty' as const, table })));
  }

  #addKeyed(table: Table, change: RowChange, tally: Tally): void {
    const named = namedBy(change);
    const key = required(keyOf(named, table.key), table);
    tally.keys.add(key);
    const next =
      change.kind === 'update' && change.old ? nextKey(change.old, change.row, table) : key;
    if (next === key) {
      const nets = this.#netsOf(table);
      const net = netOf(nets.get(key), named, change);
      if (net) nets.set(key, net);
      else nets.delete(key);
      return;
    }
    // Others may refer to this row, or be about to take its old key: it is moved, alone, in its turn.
    tally.keys.add(next);
    this.flush();
    const moved = change as RowChange & { kind: 'update' };
    this.steps.push({ ...updateOf(table, named, moved.row), rekeys: true });
  }

  /** Such rows are found by all of their values, so that their order among themselves matters. */
  #addKeyless(table: Table, change: RowChange): void {
    const steps = this.#keyless.get(table) ?? [];
    this.#keyless.set(table, steps);
    const last = steps.at(-1);
    if (change.kind === 'insert' && last?.kind === 'insert') last.rows.push(change.row);
    else if (change.kind === 'insert') steps.push({ kind: 'insert', table, rows: [change.row] });
    else if (change.kind === 'delete') steps.push({ kind: 'delete', table, rows: [change.old] });
    else steps.push(updateOf(table, namedBy(change), change.row));
  }

  #netsOf(table: Table): Map<string, Net> {
    const nets = this.#nets.get(table) ?? new Map<string, Net>();
    this.#nets.set(table, nets);
    return nets;
  }

  #tally(table: Table): Tally {
    const tally = this.tallies.get(table) ?? { table, keys: new Set(), rows: 0, truncated: false };
    this.tallies.set(table, tally);
    return tally;
  }
}

/** Null: the row came and went. */
function netOf(before: Net | undefined, key: Tuple, change: RowChange): Net | null {
  if (change.kind === 'delete') {
    return before?.kind === 'insert' ? null : { kind: 'delete', key, row: key };
  }
  if (!before) return { kind: change.kind, key, row: change.row };
  if ((change.kind === 'insert') !== (before.kind === 'delete')) {
    throw new Error(`${change.kind} of a row of ${change.relation.name} after its ${before.kind}`);
  }
  if (change.kind === 'insert') return { kind: 'replace', key: before.key, row: change.row };
  return { ...before, row: merged(before.row, change.row) };
}

function stepsOf(table: Table, nets: Map<string, Net>): { deletes: Step[]; writes: Step[] } {
  const deleted: Tuple[] = [];
  const inserted: Tuple[] = [];
  const updated = new Map<string, UpdateStep>();
  for (const { kind, key, row } of nets.values()) {
    if (kind === 'delete' || kind === 'replace') deleted.push(key);
    if (kind === 'insert' || kind === 'replace') inserted.push(row);
    if (kind === 'update') collect(updated, updateOf(table, key, row));
  }
  return {
    deletes: deleted.length > 0 ? [{ kind: 'delete', table, rows: deleted }] : [],
    writes: [
      ...updated.values(),
      ...(inserted.length > 0 ? [{ kind: 'insert' as const, table, rows: inserted }] : []),
    ],
  };
}

/** Updates that leave the same columns alone are one statement. */
function collect(updates: Map<string, UpdateStep>, one: UpdateStep): void {
  const same = one.kept.join();
  const step = updates.get(same);
  if (!step) {
    updates.set(same, one);
    return;
  }
  step.rows.push(...one.rows);
  step.keys.push(...one.keys);
}

function updateOf(table: Table, key: Tuple, row: Tuple): UpdateStep {
  const kept = row.partial ? table.columns.flatMap((_, i) => (isUnchanged(row, i) ? [i] : [])) : [];
  return { kind: 'update', table, rows: [row], keys: [key], kept, rekeys: false };
}

function isUnchanged(row: Tuple, column: number): boolean {
  return lengthOf(row, column) === UNCHANGED;
}

function namedBy(change: RowChange): Tuple {
  if (change.kind === 'insert') return change.row;
  if (change.kind === 'delete') return change.old;
  return change.old ?? change.row;
}

/** A key's value that is stored out of line may be left unchanged like any other. */
function nextKey(old: Tuple, row: Tuple, table: Table): string {
  return required(keyOf(merged(old, row), table.key), table);
}

function required(key: string | null, table: Table): string {
  if (key === null) throw new Error(`a change of ${table.shown} came without its key`);
  return key;
}
