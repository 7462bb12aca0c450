import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { DatabaseKind } from '../../model/database.ts';
import type { Migration, Side } from '../../model/migration.ts';
import { describeTarget } from '../database/url.ts';
import { now } from './book.ts';
import type { Places } from './places.ts';

export interface Options {
  /** Most that requests wait. */
  deadlineMs: number;
  /** Stops in step, and waits to be asked. */
  holdCutover: boolean;
  /** All of it but the switch, and then everything is removed. */
  rehearsal: boolean;
  /** `full`: every row once more right before the pause. */
  proof: 'quick' | 'full';
}

export const DEFAULT_OPTIONS: Options = {
  deadlineMs: 5_000,
  holdCutover: false,
  rehearsal: false,
  proof: 'quick',
};

/** What was asked for, with everything that is needed to go on with it. Holds passwords. */
export interface Order {
  id: string;
  kind: DatabaseKind;
  urls: Record<Side, string>;
  /** Whether there are an edge and replicas to be taken along. */
  app: boolean;
  /** Whether the project's .env names the source, and so goes along. */
  env: boolean;
  options: Options;
}

export async function writeOrder({ order: file }: Places, order: Order): Promise<void> {
  await writeFileAtomic(file, JSON.stringify(order), { mode: 0o600 });
}

/** Null where no migration was begun, or its end has removed the passwords. */
export async function readOrder({ order: file }: Places): Promise<Order | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What there is to show of a migration before anything was done. */
export function freshMigration({ id, kind, urls, options }: Order): Migration {
  return {
    id,
    state: 'idle',
    kind,
    source: describeTarget(urls.source).masked,
    target: describeTarget(urls.target).masked,
    startedAt: now(),
    changedAt: now(),
    worker: null,
    rehearsal: options.rehearsal,
    holdCutover: options.holdCutover,
    preflight: null,
    copy: null,
    follow: null,
    cutover: null,
    proof: null,
    wayBack: { open: false, why: null, lagMs: null },
    problem: null,
  };
}
