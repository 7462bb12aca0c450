import { join } from 'node:path';

/** Where a project's migration keeps its things; the directory is for the project's owner alone. */
export interface Places {
  dir: string;
  /** A `Migration`: what status and the dashboard show. No secrets. */
  state: string;
  /** Both URLs and what was asked for: needed to go on after a death. */
  order: string;
  /** One JSON line before each step that changes something; decides what a restart does. */
  journal: string;
  /** Held by the process that works on it, while it does. */
  lock: string;
  /** Where that process can be asked. */
  door: string;
  log: string;
}

export function placesOf(projectDir: string): Places {
  const dir = join(projectDir, '.portsync', 'migration');
  return {
    dir,
    state: join(dir, 'state.json'),
    order: join(dir, 'order.json'),
    journal: join(dir, 'journal.jsonl'),
    lock: join(dir, 'lock'),
    door: join(dir, 'door.json'),
    log: join(dir, 'worker.log'),
  };
}
