import { type Finding, fine } from '../../../model/finding.ts';
import type { Estimate } from '../../../model/migration.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import type { Distance } from './distance.ts';
import { size, time } from './figures.ts';
import { moved } from './scope.ts';

export interface Sizes {
  /** Rows, with what is kept beside them; without indexes. */
  bytes: number;
  withIndexes: number;
  rows: number;
  tables: number;
}

export const sizes: Query<Sizes> = {
  about: 'how large it is',
  sql: `
select count(*)::int as tables, coalesce(sum(pg_table_size(c.oid)), 0)::float8 as bytes,
  coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as all_bytes,
  coalesce(sum(case when c.reltuples > 0 then c.reltuples
    else pg_stat_get_live_tuples(c.oid) end), 0)::float8 as rows
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and ${moved}`,
  read: ([row = {}]: Row[]) => ({
    bytes: Number(row.bytes),
    withIndexes: Number(row.all_bytes),
    rows: Math.round(Number(row.rows)),
    tables: Number(row.tables),
  }),
};

/** Measured with indexes built, where the target has one to two cores: docs/benchmarks.md. */
const COPY_BYTES_PER_MS = 38_000;
/** Questions that each table costs beside its rows: its definition, keys, statistics. */
const TRIPS_PER_TABLE = 12;
/** Two streams are open at once. */
const STREAMS = 2;
/** Requests that run out, a change that arrives, a replica that answers: however small the database. */
const LEAST_PAUSE_MS = 250;
const PAUSE_PER_TABLE_MS = 0.3;
const TRIPS_IN_PAUSE = 10;

export interface Ground {
  sizes: Sizes;
  source: Distance;
  target: Distance;
  /** Bytes of log a millisecond at the source, as measured; null where it could not be. */
  logRate: number | null;
}

export function estimate({ sizes, source, target, logRate }: Ground): Estimate {
  const trips = source.roundTripMs + target.roundTripMs;
  const copyMs = Math.round(
    1000 + sizes.bytes / pace(target) + sizes.tables * TRIPS_PER_TABLE * trips,
  );
  return {
    bytes: sizes.bytes,
    rows: sizes.rows,
    objects: sizes.tables,
    copyMs,
    pauseMs: Math.round(
      LEAST_PAUSE_MS + sizes.tables * PAUSE_PER_TABLE_MS + TRIPS_IN_PAUSE * trips,
    ),
    targetDiskBytes: sizes.withIndexes,
    logBytes: logRate === null ? null : Math.round(logRate * copyMs),
    memoryBytes: null,
  };
}

/** Says what the figures rest on. */
export function estimateFinding(ground: Ground, { bytes, copyMs, pauseMs }: Estimate): Finding {
  const { target, sizes } = ground;
  const network = pace(target) < COPY_BYTES_PER_MS;
  return fine(
    'estimate',
    'target',
    `${size(bytes)} in ${sizes.tables} tables: about ${time(copyMs)} to copy at ${size(pace(target) * 1000)}/s ` +
      `(${network ? 'the way there, as measured' : 'what a target of two cores takes'}), and a pause of about ${time(pauseMs)}.`,
  );
}

function pace({ bytesPerMs }: Distance): number {
  return Math.min(COPY_BYTES_PER_MS, bytesPerMs === null ? Infinity : STREAMS * bytesPerMs);
}
