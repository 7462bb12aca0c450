import type { Mover } from '../../ports/mover.ts';
import type { App } from './app.ts';
import type { Book } from './book.ts';
import type { EnvFile } from './env-file.ts';
import type { Options } from './order.ts';

/** What a migration is done with. */
export interface Parts {
  mover: Mover;
  /** Null where only databases are moved. */
  app: App | null;
  env: EnvFile | null;
  book: Book;
  options: Options;
  /** Does `work` while nobody else changes what runs in the project, or refuses at once. */
  alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}
