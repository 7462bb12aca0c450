import { parse } from 'dotenv';
import { ExternalError } from '../../errors.ts';
import type { Side } from '../../model/migration.ts';
import { setVariable } from '../env/operations.ts';
import { EnvStore } from '../env/store.ts';
import { otherSide } from './position.ts';

export const DATABASE_KEY = 'DATABASE_URL';

/** The app's .env, as far as it tells which database the app is on. */
export interface EnvFile {
  /** Null where it names neither of the two. */
  names(): Promise<Side | null>;
  /**
   * Writes a new version that names `side` and differs in nothing else. It is fine if it does already.
   * @throws ExternalError where it names neither: someone else changed it.
   */
  write(side: Side, reason: string, signal: AbortSignal): Promise<void>;
  /** All variables, with the database of `side`. */
  environment(side: Side): Promise<ReadonlyMap<string, string>>;
}

export function envFileOf(projectDir: string, urls: Readonly<Record<Side, string>>): EnvFile {
  const store = new EnvStore(projectDir);
  const variables = async () => parse((await store.live()) ?? '');
  const names = async () => sideOf((await variables())[DATABASE_KEY], urls);
  return {
    names,
    async write(side, reason, signal) {
      const now = await names();
      if (now === side) return;
      if (now !== otherSide(side)) throw namesNeither(store.file);
      await setVariable(store, DATABASE_KEY, urls[side], signal, reason);
    },
    async environment(side) {
      return new Map(Object.entries({ ...(await variables()), [DATABASE_KEY]: urls[side] }));
    },
  };
}

function sideOf(url: string | undefined, urls: Readonly<Record<Side, string>>): Side | null {
  if (url === urls.source) return 'source';
  return url === urls.target ? 'target' : null;
}

function namesNeither(file: string): ExternalError {
  return new ExternalError({
    code: 'env-names-another-database',
    message: `${file} was not changed.`,
    why: `Its ${DATABASE_KEY} is neither the old database nor the new one any more.`,
    next: 'See who changed it with portsync env list, and set it back before the cut-over.',
  });
}
