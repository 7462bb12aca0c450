import { postgresError, sqlState } from '../errors.ts';
import { conflict, feedLost } from './problems.ts';
import type { Table } from './table.ts';

/** A statement of ours was refused, or did not find the rows that it must. */
export class StatementFailure extends Error {
  readonly table: Table;

  constructor(table: Table, cause: unknown) {
    super(`a statement on ${table.shown} failed`, { cause });
    this.table = table;
  }
}

/** The other side has other rows than it must have. */
export class RowsMissing extends Error {}

/** What is in our hands is not to be used: begin again at the position of the other side. */
export class StartAgain extends Error {}

/** Whether the order of the changes may be to blame, so that one by one they could pass. */
export function mayBeOrder(error: unknown): boolean {
  if (!(error instanceof StatementFailure)) return false;
  return error.cause instanceof RowsMissing || /^(23|27|P0)/.test(sqlState(error.cause));
}

/** Codes of PortSyncErrors that end by themselves, or by what a person does to the server. */
const PASSING = new Set([
  'database-starting',
  'database-connection-lost',
  'database-refused',
  'database-unreachable',
  'database-timeout',
  'database-locked',
  'database-resources',
  'database-connections-full',
  'database-read-only',
  'database-name-unknown',
]);

/** Deadlocks and serialization; a slot whose last reader has not ended yet; internal to a failover. */
const PASSING_STATES = /^(40|53|55P03|55006|57P0|08|58030)/;

export function passes(error: unknown): boolean {
  if (error instanceof StartAgain) return true;
  if (error instanceof StatementFailure) return passes(error.cause);
  // The driver's own words for a connection that ended have no code.
  const { code, cause } = postgresError(error, '');
  return PASSING.has(code) || PASSING_STATES.test(sqlState(cause));
}

/** As a person reads it. @param where of the side that is written */
export function told(error: unknown, where: string): unknown {
  if (error instanceof StatementFailure && !passes(error)) {
    const { table, cause } = error;
    return conflict({ table, cause, where, diverged: cause instanceof RowsMissing });
  }
  const problem = postgresError(error instanceof StatementFailure ? error.cause : error, where);
  const state = sqlState(problem.cause);
  if (/^(42704|55000|58P01)$/.test(state)) return feedLost(error);
  // A fault of our own is told as one.
  return problem.code === 'database-error' && state === '' ? error : problem;
}
