import { dumpSchema, type RunDump } from '../dump/dump.ts';
import { parseDump } from '../dump/entries.ts';
import { planSteps, type SchemaStep } from '../dump/steps.ts';
import { keyOf } from '../names.ts';
import { databaseSettings, readNotes } from './outside.ts';
import { hasSteps, readSteps, storeSteps } from './record.ts';
import { runSteps, type SchemaNote } from './schema.ts';
import { SCHEMA_SETTINGS, type Session } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { majorOf, openSource } from './source.ts';
import { type Relation, readRelations } from './tables.ts';
import { readTies } from './ties.ts';
import { withSessions } from './workers.ts';

interface Options {
  source: string;
  target: string;
  publication: string;
  dump: RunDump | null;
}

/** The plan is made once and kept at the target: later runs go on with the schema as it was then. */
export function makeSchema(
  options: Options,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<void> {
  return withSessions(async (sessions) => {
    const [target, source] = await Promise.all([
      sessions.open(options.target, SCHEMA_SETTINGS, signal),
      openSource(sessions, options.source, snapshot, signal),
    ]);
    if (!(await hasSteps(target, signal))) {
      const { steps, notes } = await plan(options, source, snapshot, signal);
      await storeSteps(target, steps, notes, signal);
    }
    await runSteps(target, await readSteps(target, 'pre', signal), signal);
  });
}

async function plan(
  { source: url, publication, dump }: Options,
  source: Session,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<{ steps: SchemaStep[]; notes: SchemaNote[] }> {
  const relations = await readRelations(source, signal);
  const serverMajor = await majorOf(source, signal);
  const options = { source: url, serverMajor, snapshot: snapshot.name, run: dump };
  const entries = parseDump(await dumpSchema(options, signal));
  const steps = planSteps(entries, {
    relations: new Map(relations.map((relation) => [keyOf(relation), relation.kind])),
    publication,
    populated: new Set(relations.filter(isFilledView).map(keyOf)),
    ties: await readTies(source, signal),
  });
  const settings = await databaseSettings(source, signal);
  return { steps: [...settings, ...steps], notes: await readNotes(source, relations, signal) };
}

function isFilledView({ kind, populated }: Relation): boolean {
  return kind === 'm' && populated;
}
