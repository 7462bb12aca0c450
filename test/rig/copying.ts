import type { CopyProgress } from '../../src/model/migration.ts';
import {
  type CopyOptions,
  DatabaseCopy,
  openSnapshot,
} from '../../src/services/postgres/copy/index.ts';

export const PUBLICATION = 'portsync_test';

export interface CopyRun extends Partial<CopyOptions> {
  source: string;
  target: string;
  /** The first run's slot stays; a later one only borrows a snapshot. */
  first?: boolean;
  report?(progress: CopyProgress): void;
  signal?: AbortSignal;
}

/** All steps of a copy, as whoever composes them does. */
export async function copyAll(run: CopyRun): Promise<void> {
  const { report = () => {}, signal = AbortSignal.timeout(300_000), first = true } = run;
  const slot = { slot: first ? 'portsync_test' : 'portsync_later', temporary: !first };
  const snapshot = await openSnapshot(run.source, slot, signal);
  try {
    const copy = new DatabaseCopy({ publication: PUBLICATION, ...run }, report);
    await copy.copySchema(snapshot, signal);
    await copy.copyData(snapshot, signal);
    await copy.finish(signal);
  } finally {
    snapshot.close();
  }
}
