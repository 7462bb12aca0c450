import type { Finding } from '../../src/model/finding.ts';
import type { Preflight } from '../../src/model/migration.ts';
import {
  type PreflightOptions,
  preflightPostgres,
} from '../../src/services/postgres/preflight/preflight.ts';
import type { Access, TestPostgres } from './postgres.ts';

/** A preflight as a test reads it. */
export interface Seen extends Preflight {
  /** The one finding with `id` that is not well; fails where there is none, or more than one. */
  trouble(id: string): Finding;
  /** Ids of whatever is not well, but of what a busy machine alone may bring about. */
  unwell: string[];
  /** Ids of whatever is well. */
  well: string[];
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
  return { ...seen, ...read(seen.findings) };
}

function read(findings: readonly Finding[]) {
  const troubles = findings.filter(({ severity }) => severity !== 'ok');
  return {
    unwell: troubles.map(({ id }) => id).filter((id) => id !== 'distance' && id !== 'clock'),
    well: findings.filter(({ severity }) => severity === 'ok').map(({ id }) => id),
    trouble: (id: string) => {
      const [found, ...more] = troubles.filter((finding) => finding.id === id);
      if (found && more.length === 0) return found;
      throw new Error(`${id} is not the one trouble: ${JSON.stringify(troubles)}`);
    },
  };
}

/** Runs the statements of a cure as they stand there, one by one in one session. */
export async function applyCure(
  { cure }: Finding,
  server: TestPostgres,
  access: Access,
): Promise<void> {
  const client = await server.connect(access);
  try {
    for (const line of cure?.split('\n') ?? []) {
      if (line.endsWith(';')) await client.query(line);
    }
  } finally {
    await client.end();
  }
}

/** Two servers, and an empty database on each for every test. */
export class Pair {
  readonly source: TestPostgres;
  readonly target: TestPostgres;
  #count = 0;

  constructor(source: TestPostgres, target: TestPostgres) {
    this.source = source;
    this.target = target;
  }

  /** The name of a new database at both; `options` are of CREATE DATABASE. */
  async database(options: { source?: string; target?: string } = {}): Promise<string> {
    this.#count += 1;
    const database = `app${this.#count}`;
    await this.source.query(`create database ${database} ${options.source ?? ''}`);
    await this.target.query(`create database ${database} ${options.target ?? ''}`);
    return database;
  }

  look(source: Access, target: Access = source): Promise<Seen> {
    return preflight({ source: this.source.url(source), target: this.target.url(target) });
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.target.close()]);
  }
}
