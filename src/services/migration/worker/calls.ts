import type { Ending } from '../position.ts';

/** What can be asked of the process that works on a migration. Each answers when it is taken on. */
export interface WorkerCalls {
  cutover(): void;
  back(): void;
  verify(): void;
  end(ending: Ending): void;
}

/** door.json: where it can be asked. */
export interface Door {
  socket: string;
}
