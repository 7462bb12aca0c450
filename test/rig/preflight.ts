import type { Finding } from '../../src/model/finding.ts';
import type { Preflight } from '../../src/model/migration.ts';
import {
  type PreflightOptions,
  preflightPostgres,
} from '../../src/services/postgres/preflight/preflight.ts';

/** A preflight as a test reads it. */
export interface Seen extends Preflight {
  /** Those with `id`, which are all there are of it. */
  of(id: string): Finding[];
  /** Ids of whatever is not well. */
  readonly unwell: string[];
}

/** Looks, and fails when a password of either URL is in what was found. */
export async function preflight(options: PreflightOptions): Promise<Seen> {
  const seen = await preflightPostgres(options, AbortSignal.timeout(60_000));
  const text = JSON.stringify(seen);
  for (const url of [options.source, options.target]) {
    const password = /:\/\/[^:]*:([^@]*)@/.exec(url)?.[1] ?? '';
    for (const secret of [password, decodeURIComponent(password)]) {
      if (secret && text.includes(secret)) throw new Error('A password is in a finding.');
    }
  }
  const { findings } = seen;
  return {
    ...seen,
    of: (id) => findings.filter((finding) => finding.id === id),
    unwell: findings.filter(({ severity }) => severity !== 'ok').map(({ id }) => id),
  };
}
