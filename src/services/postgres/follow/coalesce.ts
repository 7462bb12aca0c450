import type { Change, Relation, RowChange, Truncate } from './pgoutput.ts';
import type { Table } from './table.ts';
import { type Key, keyOf, merged, type Tuple, unchangedIn } from './tuple.ts';

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

/** What is known of a table since the last barrier, and its tally, which goes on behind it. */
interface Pending {
  table: Table;
  tally: Tally;
  nets: Map<Key, Net>;
  /** Of a table without a key. */
  steps: Step[];
}

/** What happened to each table, whatever statements it takes. */
export interface Tally {
  table: Table;
  /** As keyOf gives them. */
  keys: Set<Key>;
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
  return { steps: planner.steps, tallies: planner.tallies };
}

class Planner {
  readonly steps: Step[] = [];
  readonly #tableOf: (relation: Relation) => Table;
  readonly #pending = new Map<Table, Pending>();

  constructor(tableOf: (relation: Relation) => Table) {
    this.#tableOf = tableOf;
  }

  get tallies(): Tally[] {
    return [...this.#pending.values()].map(({ tally }) => tally);
  }

  add(change: Change): void {
    if (change.kind === 'truncate') {
      this.#addTruncate(change);
      return;
    }
    const pending = this.#pendingOf(this.#tableOf(change.relation));
    if (change.kind !== 'update') pending.tally.rows += change.kind === 'insert' ? 1 : -1;
    if (pending.table.key.length === 0) addKeyless(pending, change);
    else this.#addKeyed(pending, change);
  }

  /** Everything so far happens before everything that is added later. */
  flush(): void {
    const keyed = [...this.#pending.values()]
      .filter(({ nets }) => nets.size > 0)
      .sort((a, b) => a.table.rank - b.table.rank);
    const steps = keyed.map(stepsOf);
    for (const { deletes } of steps.toReversed()) this.steps.push(...deletes);
    for (const { writes } of steps) this.steps.push(...writes);
    for (const pending of this.#pending.values()) {
      this.steps.push(...pending.steps.splice(0));
      for (const key of pending.nets.keys()) pending.tally.keys.add(key);
      if (pending.nets.size > 0) pending.nets = new Map();
    }
  }

  #addTruncate({ relations, restartIdentity, whole }: Truncate): void {
    this.flush();
    const tables = relations.map(this.#tableOf);
    for (const table of tables) {
      this.#pendingOf(table).tally = { table, keys: new Set(), rows: 0, truncated: true };
    }
    if (whole) this.steps.push({ kind: 'truncate', tables, restartIdentity });
    else this.steps.push(...tables.map((table) => ({ kind: 'empty' as const, table })));
  }

  #addKeyed({ table, tally, nets }: Pending, change: RowChange): void {
    const named = namedBy(change);
    const key = keyIn(named, table);
    const next =
      change.kind === 'update' && change.old ? nextKey(change.old, change.row, table) : key;
    if (next === key) {
      if (addTo(nets, key, named, change)) tally.keys.add(key);
      return;
    }
    tally.keys.add(key).add(next);
    // Others may refer to this row, or be about to take its old key: it is moved, alone, in its turn.
    this.flush();
    const moved = change as RowChange & { kind: 'update' };
    this.steps.push({ ...updateOf(table, named, moved.row), rekeys: true });
  }

  #pendingOf(table: Table): Pending {
    const known = this.#pending.get(table);
    if (known) return known;
    const tally = { table, keys: new Set<Key>(), rows: 0, truncated: false };
    const pending = { table, tally, nets: new Map(), steps: [] };
    this.#pending.set(table, pending);
    return pending;
  }
}

/** Such rows are found by all of their values, so that their order among themselves matters. */
function addKeyless({ table, steps }: Pending, change: RowChange): void {
  const last = steps.at(-1);
  if (change.kind === 'insert' && last?.kind === 'insert') last.rows.push(change.row);
  else if (change.kind === 'insert') steps.push({ kind: 'insert', table, rows: [change.row] });
  else if (change.kind === 'delete') steps.push({ kind: 'delete', table, rows: [change.old] });
  else steps.push(updateOf(table, namedBy(change), change.row));
}

/** True where nothing is left of it: the row came and went. */
function addTo(nets: Map<Key, Net>, key: Key, named: Tuple, change: RowChange): boolean {
  const before = nets.get(key);
  if (change.kind === 'delete') {
    if (before?.kind === 'insert') return nets.delete(key);
    nets.set(key, { kind: 'delete', key: named, row: named });
  } else if (!before) {
    nets.set(key, { kind: change.kind, key: named, row: change.row });
  } else if ((change.kind === 'insert') !== (before.kind === 'delete')) {
    throw new Error(`${change.kind} of a row of ${change.relation.name} after its ${before.kind}`);
  } else if (change.kind === 'insert') {
    before.kind = 'replace';
    before.row = change.row;
  } else {
    before.row = merged(before.row, change.row);
  }
  return false;
}

function stepsOf({ table, nets }: Pending): { deletes: Step[]; writes: Step[] } {
  const deleted: Tuple[] = [];
  const inserted: Tuple[] = [];
  const updated = new Map<string, UpdateStep>();
  const whole: UpdateStep = { kind: 'update', table, rows: [], keys: [], kept: [], rekeys: false };
  for (const { kind, key, row } of nets.values()) {
    if (kind === 'delete' || kind === 'replace') deleted.push(key);
    if (kind === 'insert' || kind === 'replace') inserted.push(row);
    if (kind !== 'update') continue;
    const update = row.partial ? sameKept(updated, updateOf(table, key, row)) : whole;
    update.rows.push(row);
    update.keys.push(key);
  }
  if (whole.rows.length > 0) updated.set('', whole);
  return {
    deletes: deleted.length > 0 ? [{ kind: 'delete', table, rows: deleted }] : [],
    writes: [
      ...updated.values(),
      ...(inserted.length > 0 ? [{ kind: 'insert' as const, table, rows: inserted }] : []),
    ],
  };
}

/** Updates that leave the same columns alone are one statement. */
function sameKept(updates: Map<string, UpdateStep>, one: UpdateStep): UpdateStep {
  const same = one.kept.join();
  const step = updates.get(same) ?? { ...one, rows: [], keys: [] };
  updates.set(same, step);
  return step;
}

function updateOf(table: Table, key: Tuple, row: Tuple): UpdateStep {
  const kept = unchangedIn(row);
  return { kind: 'update', table, rows: [row], keys: [key], kept, rekeys: false };
}

function namedBy(change: RowChange): Tuple {
  if (change.kind === 'insert') return change.row;
  if (change.kind === 'delete') return change.old;
  return change.old ?? change.row;
}

/** A key's value that is stored out of line may be left unchanged like any other. */
function nextKey(old: Tuple, row: Tuple, table: Table): Key {
  return keyIn(merged(old, row), table);
}

function keyIn(tuple: Tuple, table: Table): Key {
  const key = keyOf(tuple, table.key, table.wholeKey);
  if (key === null) throw new Error(`a change of ${table.shown} came without its key`);
  return key;
}
