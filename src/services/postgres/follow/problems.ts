import { PortSyncError } from '../../../errors.ts';
import { sqlState } from '../errors.ts';
import { type QualifiedName, shown } from '../names.ts';
import type { Difference } from './structure.ts';
import type { Table } from './table.ts';

export function feedLost(cause: unknown): PortSyncError {
  return new PortSyncError({
    code: 'feed-lost',
    message: 'The changes since the copy are no longer to be had.',
    why: 'The replication slot is gone, or the server has thrown away log that it still needed.',
    next: 'Abort and start the migration again. Where the disk allows it, raise max_slot_wal_keep_size first.',
    cause,
  });
}

export function overBudget(kept: number, limit: number): PortSyncError {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`;
  return new PortSyncError({
    code: 'feed-over-budget',
    message: `Following ended: the server kept ${megabytes(kept)} of log for it.`,
    why: `More than ${megabytes(limit)} could fill its disk, so the replication slot was dropped.`,
    next: 'Find what held it up (the other side, a transaction that runs for hours), then start the migration again.',
  });
}

export function schemaChanged(found: Difference[]): PortSyncError {
  const said = found.slice(0, 5).map(({ object, what }) => `${object} ${what}`);
  const more = found.length > 5 ? `, and ${found.length - 5} more` : '';
  return new PortSyncError({
    code: 'schema-changed',
    message: 'The structure of the database changed while it was followed.',
    why: `${said.join(', ')}${more}.`,
    next: 'Make the same change at the other side, then portsync migrate --accept-schema goes on; or portsync migrate abort --drop-copy, and begin again.',
  });
}

export function newTables(tables: QualifiedName[]): PortSyncError {
  return new PortSyncError({
    code: 'schema-changed',
    message: `New tables cannot be taken along: ${tables.map(shown).join(', ')}.`,
    why: 'Their rows were not copied, and changes before this moment are not known.',
    next: 'Drop them, then portsync migrate --accept-schema goes on; or portsync migrate abort --drop-copy, and begin again.',
  });
}

interface Refused {
  table: Table;
  cause: unknown;
  where: string;
  /** It was not refused, but found other rows than there must be. */
  diverged: boolean;
}

/** A statement that will not pass, however it is sent. */
export function conflict({ table, cause, where, diverged }: Refused): PortSyncError {
  if (diverged) {
    return new PortSyncError({
      code: 'follow-diverged',
      message: `Rows of ${table.shown} at ${where} are not what they must be.`,
      why: 'A row that was changed is not there: somebody else has changed the table at that side.',
      next: 'Find who writes there and stop it, then start the migration again.',
      cause,
    });
  }
  const state = sqlState(cause);
  const { constraint } = cause as { constraint?: string };
  const named = constraint ? ` (${constraint})` : '';
  if (state.startsWith('23')) {
    return new PortSyncError({
      code: 'follow-conflict',
      message: `A change of ${table.shown} does not fit at ${where}.`,
      why: `A constraint there refuses it${named}: somebody else wrote to that side, or the constraint is only there.`,
      next: `Remove the rows, or the constraint, of ${table.shown} that stand in the way, then resume.`,
      cause,
    });
  }
  return new PortSyncError({
    code: /^42/.test(state) ? 'schema-changed' : 'follow-refused',
    message: `A change of ${table.shown} was refused at ${where} (${state || 'no code'}).`,
    why: /^(42|0A|P0|25)/.test(state) && cause instanceof Error ? cause.message : null,
    next: `Make ${table.shown} the same on both sides, then resume; or start the migration again.`,
    cause,
  });
}
