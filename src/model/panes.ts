import type { Backup } from './backup.ts';
import type { Container } from './container.ts';
import type { DatabaseFigures } from './database.ts';
import type { EnvHistory } from './env.ts';
import type { LabFigures } from './lab.ts';
import type { Migration } from './migration.ts';
import type { NodeFigures } from './node.ts';
import type { Traffic } from './traffic.ts';

/** What one look at one source of each kind gives. Containers and nodes have several sources. */
export interface Looks {
  containers: Container[];
  nodes: NodeFigures;
  database: DatabaseFigures;
  env: EnvHistory;
  traffic: Traffic;
  lab: LabFigures;
  backup: Backup | null;
  /** Null where none was ever begun. */
  migration: Migration | null;
}

export type LookKind = keyof Looks;
