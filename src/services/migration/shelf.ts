import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { Migration } from '../../model/migration.ts';
import type { Places } from './places.ts';
import type { Entry } from './position.ts';

/** Where a migration's journal and picture are kept. */
export interface Shelf {
  readJournal(): Promise<Entry[]>;
  readPicture(): Promise<Migration | null>;
  /** Resolves when the line would survive a power cut. */
  append(entry: Entry): Promise<void>;
  /** `durable`: as `append`. */
  draw(migration: Migration, durable: boolean): Promise<void>;
}

export async function makePlaces({ dir }: Places): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}

export function fileShelf({ journal, state }: Places): Shelf {
  return {
    readJournal: async () => entriesOf((await readFile(journal).catch(nothing)).toString()),
    readPicture: async () => {
      const text = (await readFile(state).catch(nothing)).toString();
      return text === '' ? null : JSON.parse(text);
    },
    async append(entry) {
      const file = await open(journal, 'a', 0o600);
      try {
        await file.appendFile(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
    draw: (migration, durable) =>
      writeFileAtomic(state, JSON.stringify(migration), { mode: 0o600, fsync: durable }),
  };
}

/** A line that a death cut short names a step that was not begun. */
export function entriesOf(text: string): Entry[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry];
      } catch {
        return [];
      }
    });
}

function nothing(error: NodeJS.ErrnoException): Buffer {
  if (error.code === 'ENOENT') return Buffer.alloc(0);
  throw error;
}
