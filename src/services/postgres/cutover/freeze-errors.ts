import pg from 'pg';
import { ExternalError, type PortSyncError } from '../../../errors.ts';
import { quoted } from '../names.ts';
import { type Blocker, describeBlocker } from './blockers.ts';
import type { UserTable } from './tables.ts';

const NAMED = 5;

export function blockedError(where: string, blockers: Blocker[], cause: unknown): ExternalError {
  const pids = blockers.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  const more = blockers.length > NAMED ? `; and ${blockers.length - NAMED} more` : '';
  return new ExternalError({
    code: 'freeze-blocked',
    message: `Writes at ${where} could not be stopped in time; nothing was changed.`,
    why:
      blockers.length === 0
        ? 'Transactions held the tables all the while, and have ended since.'
        : `${blockers.slice(0, NAMED).map(describeBlocker).join('; ')}${more}.`,
    next:
      pids.length === 0
        ? 'Try again; where a prepared transaction holds a table, commit it or roll it back.'
        : `Wait until they end, or end them: select pg_terminate_backend(${pids[0]});`,
    cause,
  });
}

export function locksFullError(where: string, tables: number, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'freeze-locks-full',
    message: `The server at ${where} cannot hold locks on ${tables} tables at once.`,
    why: 'max_locks_per_transaction is too low for that many tables and partitions.',
    next: `Set max_locks_per_transaction to ${Math.max(128, 2 ** Math.ceil(Math.log2(tables)))} or more and restart the server.`,
    cause,
  });
}

interface Rights {
  role: string;
  database: string;
  tables: UserTable[];
  mayMakeSchema: boolean;
}

/** Null when the role may do all that a fence takes. */
export function missingRights(where: string, rights: Rights): PortSyncError | null {
  const { tables, mayMakeSchema } = rights;
  const role = pg.escapeIdentifier(rights.role);
  const closed = tables.filter(({ mayLock, mayFence }) => !mayLock || !mayFence);
  const grants = [
    ...(mayMakeSchema
      ? []
      : [`grant create on database ${pg.escapeIdentifier(rights.database)} to ${role};`]),
    ...(closed.length === 0
      ? []
      : [`grant update, trigger on ${closed.map(quoted).join(', ')} to ${role};`]),
  ];
  if (grants.length === 0) return null;
  return new ExternalError({
    code: 'freeze-privilege',
    message: `The role ${rights.role} may not stop writes at ${where}.`,
    why: 'It has to lock every table, and to put a trigger on each.',
    next: `As the owner, run: ${grants.join(' ')}`,
  });
}
