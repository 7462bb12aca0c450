import pg from 'pg';
import { ExternalError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import { connectPostgres } from '../connection.ts';
import { type Dialled, dialPostgres, untilAborted } from '../dial.ts';
import { postgresError, sqlState } from '../errors.ts';
import { patience } from './session.ts';

const CREATE_LIMIT_MS = 120_000;
const UNDO_LIMIT_MS = 10_000;
const OBJECT_EXISTS = '42710';

/** A moment of the source that sessions can see while this is open. */
export interface Snapshot {
  /** For SET TRANSACTION SNAPSHOT. */
  readonly name: string;
  /** What committed before this position is in the snapshot, what commits at or after it is in the slot. */
  readonly lsn: string;
  /** Sessions that have imported it keep it. */
  close(): void;
}

export interface SnapshotOptions {
  /** Of the slot to make. It stays, unless it is temporary, and keeps what changes from `lsn` on. */
  slot: string;
  /** Only for its snapshot: the slot ends with `close`. */
  temporary: boolean;
}

/**
 * Makes a logical slot for pgoutput and takes the snapshot of its first position. Waits for the
 * transactions that are open at the source, at most two minutes. A publication that the slot is to
 * be read with must exist before.
 * @throws ExternalError `slot-exists`, `snapshot-waits`
 */
export async function openSnapshot(
  source: string,
  options: SnapshotOptions,
  signal: AbortSignal,
): Promise<Snapshot> {
  const limit = timeLimit(CREATE_LIMIT_MS, signal);
  const settings = { applicationName: 'portsync snapshot', replication: true };
  const dialled = await dialPostgres(source, settings, limit);
  try {
    return await createSlot(dialled, options, limit);
  } catch (error) {
    dialled.socket.destroy();
    if (sqlState(error) === OBJECT_EXISTS) throw slotExists(options.slot, dialled.where, error);
    await dropSlot(source, options.slot).catch(() => {});
    if (limit.aborted && !signal.aborted) throw waitsTooLong(dialled.where, error);
    throw postgresError(error, dialled.where);
  }
}

async function createSlot(
  { client, socket }: Dialled,
  { slot, temporary }: SnapshotOptions,
  signal: AbortSignal,
): Promise<Snapshot> {
  // Any command after the next one would end the snapshot.
  await untilAborted(client.query(patience()), socket, signal);
  const kind = temporary ? ' TEMPORARY' : '';
  const name = pg.escapeIdentifier(slot);
  const sql = `CREATE_REPLICATION_SLOT ${name}${kind} LOGICAL pgoutput EXPORT_SNAPSHOT`;
  const { rows } = await untilAborted(client.query(sql), socket, signal);
  const { snapshot_name, consistent_point } = rows[0];
  return { name: snapshot_name, lsn: consistent_point, close: () => socket.destroy() };
}

/** A session that waits for a transaction does not see that we are gone, and would keep the slot. */
async function dropSlot(source: string, slot: string): Promise<void> {
  const signal = AbortSignal.timeout(UNDO_LIMIT_MS);
  const connection = await connectPostgres(source, 'portsync snapshot', signal);
  const where = `from pg_catalog.pg_replication_slots where slot_name = ${pg.escapeLiteral(slot)}`;
  try {
    await connection.ask(`select pg_catalog.pg_terminate_backend(active_pid) ${where}`, signal);
    while (!(await isFree())) {}
    await connection.ask(`select pg_catalog.pg_drop_replication_slot(slot_name) ${where}`, signal);
  } finally {
    await connection.close();
  }

  async function isFree(): Promise<boolean> {
    const [, rows] = await connection.ask(`select pg_sleep(0.1); select active ${where}`, signal);
    return rows?.[0]?.active !== true;
  }
}

function slotExists(slot: string, where: string, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'slot-exists',
    message: `The replication slot ${slot} exists at ${where} already.`,
    why: 'It was left by another migration, or one is under way.',
    next: 'Run portsync migrate status; portsync migrate cleanup removes what was left behind.',
    cause,
  });
}

function waitsTooLong(where: string, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'snapshot-waits',
    message: `No snapshot of ${where} could be taken in ${CREATE_LIMIT_MS / 60_000} minutes.`,
    why: 'A transaction that was open before must end first, and none of them may be cut by us.',
    next: 'Look for the longest transaction in pg_stat_activity, end it, and start again.',
    cause,
  });
}
