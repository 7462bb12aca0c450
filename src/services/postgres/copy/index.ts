import type { CopyProgress } from '../../../model/migration.ts';
import type { RunDump } from '../dump/dump.ts';
import { keyOf } from '../names.ts';
import { copyRows } from './copy-rows.ts';
import { finishSteps } from './finish.ts';
import { makeSchema } from './make-schema.ts';
import { CopyMeter } from './meter.ts';
import { LARGE_OBJECTS, readCopied, readLeftOut } from './record.ts';
import { notesOf, type SchemaNote } from './schema.ts';
import { Session, TARGET_SETTINGS } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { defaultWorkers } from './workers.ts';

export { keyOf } from '../names.ts';
export type { SchemaNote } from './schema.ts';
export { openSnapshot, type Snapshot } from './snapshot.ts';

export interface CopyOptions {
  source: string;
  target: string;
  /** PortSync's own at the source, which is not part of the schema. */
  publication: string;
  /** Some pg_dump that reaches the source; without it, this machine's, else PortSync's own. */
  dump?: RunDump | null;
  /** Sessions that move rows, and as many that build indexes; by the number of cores unless told. */
  workers?: number;
}

/**
 * The copy of a live database into an empty one, in steps that each may be called again after a
 * death at any point and go on from there:
 *
 * 1. `openSnapshot` makes the slot and shows its first moment;
 * 2. `copySchema`, then `copyData`: tables, their rows of that moment, their keys, sequences, large
 *    objects. A later run takes a temporary slot's snapshot for what is missing, and each table
 *    keeps its own position: see `copiedPositions`;
 * 3. `finish` when the follower is past the last of those positions: foreign keys, triggers and what
 *    else would be in the way of changes that arrive table by table; statistics. All of it is on the
 *    target's disk then.
 *
 * What is done is recorded in the schema `portsync` of the target. Everything rejects with a
 * PortSyncError.
 */
export class DatabaseCopy {
  readonly #options: Required<CopyOptions>;
  readonly #meter: CopyMeter;

  /** @param report is told of progress about five times a second while something moves */
  constructor(options: CopyOptions, report: (progress: CopyProgress) => void) {
    this.#options = { dump: null, workers: defaultWorkers(), ...options };
    this.#meter = new CopyMeter(report);
  }

  /** Types, tables, functions, views: all that must be there before the rows. */
  async copySchema(snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    this.#meter.step('schema');
    await makeSchema(this.#options, snapshot, signal);
  }

  async copyData(snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    this.#meter.step('data');
    await copyRows(this.#options, snapshot, this.#meter, signal);
  }

  async finish(signal: AbortSignal): Promise<void> {
    this.#meter.step('rest');
    await finishSteps(this.#options, this.#meter, signal);
    await this.#untilOnDisk(signal);
    this.#meter.step('done');
  }

  /** Nothing of it waited for the disk so far: a crash there would undo what is reported as done. */
  #untilOnDisk(signal: AbortSignal): Promise<void> {
    return withTarget(this.#options.target, signal, async (session) => {
      await session.query('set synchronous_commit = on', signal);
      const message = "pg_catalog.pg_logical_emit_message(true, 'portsync', 'copied')";
      await session.query(`select ${message}`, signal);
    });
  }
}

/** What of the schema the target does not have, as far as the copy has come. */
export async function leftOut(target: string, signal: AbortSignal): Promise<SchemaNote[]> {
  return withTarget(target, signal, async (session) => notesOf(await readLeftOut(session, signal)));
}

/** By `keyOf` a table's name: the position that its rows are of. Earlier changes are in them. */
export async function copiedPositions(
  target: string,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const rows = await withTarget(target, signal, (session) => readCopied(session, signal));
  const tables = rows.filter((row) => keyOf(row) !== keyOf(LARGE_OBJECTS));
  return new Map(tables.map((row) => [keyOf(row), row.lsn]));
}

async function withTarget<T>(
  url: string,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.open(url, TARGET_SETTINGS, signal);
  try {
    return await work(session);
  } finally {
    session.cut();
  }
}
