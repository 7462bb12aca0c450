import { quoted } from '../names.ts';
import type { Relation } from './tables.ts';

/** A table, or a range of its pages, that one COPY moves. */
export interface Part {
  table: Relation;
  /** Pages; the last range has no end, for what the table may have grown by. Null: all of it. */
  range: { from: number; to: number | null } | null;
}

export interface PartOptions {
  workers: number;
  /** Whether the source can read a range of pages without reading all of them (from version 14 on). */
  canSplit: boolean;
}

/** Below it, a part is not worth a further pass. */
const LEAST_PART_BYTES = 256 * 1024 * 1024;

/**
 * What keeps the last worker busy longest goes first: a table's rows, and the indexes that can only
 * be built after them. A table that is more than one worker's share is split.
 */
export function planParts(tables: readonly Relation[], options: PartOptions): Part[] {
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const cost = ({ bytes, indexCosts }: Relation) =>
    Object.values(indexCosts).reduce((sum, each) => sum + each, bytes);
  const largestFirst = [...tables].sort((a, b) => cost(b) - cost(a));
  return largestFirst.flatMap((table) => split(table, total, options));
}

function split(table: Relation, total: number, { workers, canSplit }: PartOptions): Part[] {
  const share = Math.max(LEAST_PART_BYTES, total / workers / 2);
  // On two cores the target is the limit, and splitting gains nothing.
  const worthwhile = canSplit && workers > 2 && table.bytes > 2 * share;
  if (!worthwhile) return [{ table, range: null }];
  const count = Math.min(workers, Math.ceil(table.bytes / share), Math.max(1, table.pages));
  const pages = Math.ceil(table.pages / count);
  return Array.from({ length: count }, (_, part) => ({
    table,
    range: { from: part * pages, to: part === count - 1 ? null : (part + 1) * pages },
  }));
}

/** Of one table alone, as COPY of a table is: what inherits from it comes on its own. */
export function copyOut({ table, range }: Part, binary: boolean): string {
  const format = formatOf(binary);
  const columns = table.columns ? ` (${table.columns})` : '';
  if (!range) return `copy ${quoted(table)}${columns} to stdout ${format}`;
  const end = range.to === null ? '' : ` and ctid < '(${range.to},0)'`;
  const rows = `select ${table.columns ?? ''} from only ${quoted(table)}
    where ctid >= '(${range.from},0)'${end}`;
  return `copy (${rows}) to stdout ${format}`;
}

export function copyIn({ table }: Part, binary: boolean): string {
  const columns = table.columns ? ` (${table.columns})` : '';
  return `copy ${quoted(table)}${columns} from stdin ${formatOf(binary)}`;
}

function formatOf(binary: boolean): string {
  return `(format ${binary ? 'binary' : 'text'})`;
}
