import { keyOf } from '../names.ts';
import { DataQueue, removePartial } from './data.ts';
import { passesInBinary, readExtensions, readTypes } from './formats.ts';
import { KeyQueue } from './keys.ts';
import { copyLargeObjects } from './large-objects.ts';
import type { CopyMeter } from './meter.ts';
import { planParts } from './parts.ts';
import { LARGE_OBJECTS, partialTables, readCopied, readSteps } from './record.ts';
import { runSteps } from './schema.ts';
import { copySequences } from './sequences.ts';
import { buildSettings, type Session, TARGET_SETTINGS } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { majorOf, openSource } from './source.ts';
import { copiedTables, type Relation, readRelations } from './tables.ts';
import { together } from './together.ts';
import { openMany, type Sessions, withSessions } from './workers.ts';

interface Options {
  source: string;
  target: string;
  workers: number;
}

/** One run of it, with its sessions and what it found at the beginning. */
interface Run {
  options: Options;
  snapshot: Snapshot;
  meter: CopyMeter;
  /** One session with each side, for everything but rows and indexes. */
  source: Session;
  target: Session;
  sessions: Sessions;
  copied: ReadonlySet<string>;
  tables: Relation[];
}

/** The rows that are not at the target yet, all keys, then what is not in tables. */
export function copyRows(
  options: Options,
  snapshot: Snapshot,
  meter: CopyMeter,
  signal: AbortSignal,
): Promise<void> {
  return withSessions(async (sessions) => {
    const [source, target] = await Promise.all([
      openSource(sessions, options.source, snapshot, signal),
      sessions.open(options.target, TARGET_SETTINGS, signal),
    ]);
    const tables = copiedTables(await readRelations(source, signal));
    const copied = new Set((await readCopied(target, signal)).map(keyOf));
    const run = { options, snapshot, meter, source, target, sessions, copied, tables };
    meter.begin(tables, copied);
    await copyTables(run, signal);
    meter.step('keys');
    const keys = await readSteps(target, 'keys', signal);
    await runSteps(
      target,
      keys.filter(({ table }) => table === null),
      signal,
    );
    await copySequences(source, target, signal);
    if (!copied.has(keyOf(LARGE_OBJECTS))) {
      await copyLargeObjects(source, target, snapshot.lsn, signal);
    }
  });
}

async function copyTables(run: Run, signal: AbortSignal): Promise<void> {
  const { options, snapshot, sessions, meter, target } = run;
  const { workers } = options;
  const steps = await readSteps(target, 'keys', signal);
  const keys = new KeyQueue(steps, (table) => meter.state(table, 'done'));
  for (const table of run.tables) if (run.copied.has(keyOf(table))) keys.add(table);
  const rows = await dataQueue(run, keys, signal);
  const builds = buildSettings(workers > 2);
  const [sources, targets, builders] = await Promise.all([
    openMany(workers, () => openSource(sessions, options.source, snapshot, signal)),
    openMany(workers, () => sessions.open(options.target, TARGET_SETTINGS, signal)),
    openMany(workers, () => sessions.open(options.target, builds, signal)),
  ]);
  const moveAll = async (stop: AbortSignal) => {
    const pairs = sources.map((source, n) => ({ source, target: targets[n] ?? target }));
    await together(
      pairs.map((pair) => (inner) => rows.work(pair.source, pair.target, inner)),
      stop,
    );
    meter.step('keys');
    keys.seal();
  };
  await together(
    [moveAll, ...builders.map((builder) => (stop: AbortSignal) => keys.work(builder, stop))],
    signal,
  );
}

async function dataQueue(run: Run, keys: KeyQueue, signal: AbortSignal): Promise<DataQueue> {
  const { options, source, target, meter } = run;
  const missing = run.tables.filter((table) => !run.copied.has(keyOf(table)));
  const partial = await partialTables(target, signal);
  const begun = partial.filter((table) => !run.copied.has(keyOf(table)));
  await removePartial(target, begun, signal);
  const used = [...new Set(missing.flatMap(({ types }) => types))];
  const types = await readTypes(source, used, signal);
  const extensions = await readExtensions(target, signal);
  const canSplit = (await majorOf(source, signal)) >= 14;
  return new DataQueue({
    parts: planParts(missing, { workers: options.workers, canSplit }),
    lsn: run.snapshot.lsn,
    binary: (table) => table.types.every((oid) => passesInBinary(oid, types, extensions)),
    moved: (table, bytes) => meter.moved(table, bytes),
    arrived: (table, rows) => meter.arrived(table, rows),
    copied: (table) => {
      meter.state(table, 'indexing');
      keys.add(table);
    },
  });
}
