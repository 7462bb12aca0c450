import type { PostgresConnection } from '../connection.ts';
import { type QualifiedName, quoted, shown } from '../names.ts';
import type { ProofTable } from './catalog.ts';
import { type Hash, rowText, type Sum, sumSql, toSum } from './checksum.ts';
import { LARGE_OBJECTS, largeObjectsSql } from './large-objects.ts';
import type { SessionPair } from './session.ts';

/** Rows to be compared, and how. */
export interface Task extends QualifiedName {
  sql: string;
  bytes: number;
  /** Null for large objects. */
  table: ProofTable | null;
}

export interface Compared {
  task: Task;
  source: Sum;
  target: Sum;
}

/** What can be compared, the largest first so that nothing long begins last; and what is not there. */
export function planComparison(
  source: ProofTable[],
  target: ProofTable[],
  hash: Hash,
): { tasks: Task[]; differences: string[] } {
  const there = new Map(target.map((table) => [quoted(table), table]));
  const tasks: Task[] = [];
  const differences: string[] = [];
  for (const table of source) {
    const missing = missingAt(there.get(quoted(table)), table);
    if (missing) differences.push(missing);
    else {
      const sql = sumSql(rowText(table.columns), `from only ${quoted(table)} t`, hash);
      tasks.push({ schema: table.schema, name: table.name, sql, bytes: table.bytes, table });
    }
  }
  tasks.sort((a, b) => b.bytes - a.bytes);
  tasks.push({ ...LARGE_OBJECTS, sql: largeObjectsSql(hash), bytes: 0, table: null });
  return { tasks, differences };
}

function missingAt(other: ProofTable | undefined, table: ProofTable): string | null {
  if (!other) return `table ${shown(table)}: missing at the target`;
  const names = new Set(other.columns.map(({ name }) => name));
  const missing = table.columns.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  if (missing.length === 0) return null;
  return `table ${shown(table)}: column ${missing.join(', ')} is missing at the target`;
}

/** Every pair works on one task at a time, both of its sides at once. */
export async function compareAll(
  pairs: SessionPair[],
  tasks: Task[],
  signal: AbortSignal,
): Promise<Compared[]> {
  const queue = [...tasks];
  const results: Compared[] = [];
  const work = async ({ source, target }: SessionPair) => {
    for (let task = queue.shift(); task; task = queue.shift()) {
      const [here, there] = await Promise.all([
        sumOf(source, task, signal),
        sumOf(target, task, signal),
      ]);
      results.push({ task, source: here, target: there });
    }
  };
  await Promise.all(pairs.map(work));
  return results;
}

async function sumOf(
  session: PostgresConnection,
  { sql }: Task,
  signal: AbortSignal,
): Promise<Sum> {
  const [[row] = []] = await session.ask(sql, signal);
  return toSum(row);
}
