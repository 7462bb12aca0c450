import type { DatabaseKind } from '../model/database.ts';
import type { CopyProgress, CutoverStep } from '../model/migration.ts';
import type { Phase } from '../state/migration-progress.ts';

/** What a database's rows are in. */
export function objectsOf(kind: DatabaseKind): [one: string, many: string] {
  return kind === 'mongo' ? ['collection', 'collections'] : ['table', 'tables'];
}

export function rowsOf(kind: DatabaseKind): string {
  return kind === 'mongo' ? 'documents' : 'rows';
}

export const PHASES: Record<Phase['id'], string> = {
  preflight: 'preflight',
  copy: 'copy',
  follow: 'catch up',
  cutover: 'cut over',
};

export const COPY_STEPS: Record<CopyProgress['step'], string> = {
  schema: 'making the schema',
  data: 'rows, biggest first',
  keys: 'keys and indexes',
  rest: 'constraints, views, triggers',
  statistics: 'statistics for the planner',
  done: 'everything is there',
};

export const CUTOVER_STEPS: Record<CutoverStep, string> = {
  'start-colour': 'start the new replicas',
  hold: 'hold new requests',
  freeze: 'stop writes on the old side',
  drain: 'bring the last changes over',
  sequences: 'set the counters',
  proof: 'compare both',
  env: 'write .env',
  switch: 'switch the app',
  release: 'let the requests go',
};
