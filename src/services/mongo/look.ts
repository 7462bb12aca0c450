import type { Document } from 'mongodb';
import { PortSyncError } from '../../errors.ts';
import type { ReplicationLag } from '../../model/database.ts';
import {
  currentOp,
  dbStats,
  type Operations,
  readMembers,
  readOperations,
  readSize,
  readStatus,
  replSetGetStatus,
  type Status,
  serverStatus,
} from './commands.ts';
import type { MongoConnection } from './connection.ts';
import { serverCode } from './errors.ts';

/** What a user, or a provider, may keep to itself; the pane does without. */
export type OptionalPart = 'status' | 'others' | 'operations' | 'members';

export interface Look {
  status: Status | null;
  operations: Operations | null;
  members: ReplicationLag[] | null;
  /** False when it has lost its place to another member. */
  primary: boolean;
  /** How long the server was busy with it. */
  busyMs: number;
}

/** Not authorized, not there, not in this tier; 8000 is Atlas's number for all of them. */
const REFUSALS = new Set([13, 59, 115, 238, 303, 8000, 40324]);

/** One round of commands over one connection. A part that is refused is noted in `refused`. */
export class Round {
  readonly #connection: MongoConnection;
  readonly #refused: Set<OptionalPart>;
  readonly #signal: AbortSignal;
  #spentMs = 0;
  #commands = 0;
  #fastestMs = Number.POSITIVE_INFINITY;

  constructor(connection: MongoConnection, refused: Set<OptionalPart>, signal: AbortSignal) {
    this.#connection = connection;
    this.#refused = refused;
    this.#signal = signal;
  }

  /**
   * What the server spent. It does not tell; the quickest command (hello, which costs nothing) shows
   * what the way there and back takes.
   */
  get busyMs(): number {
    return Math.max(0, this.#spentMs - this.#commands * this.#fastestMs);
  }

  async look(): Promise<Look> {
    const hello = await this.#run('admin', { hello: 1 });
    const status = await this.#unlessRefused('status', async () =>
      readStatus(await this.#run('admin', serverStatus)),
    );
    const operations = await this.#unlessRefused('operations', () => this.#operations());
    const members = hello.setName
      ? await this.#unlessRefused('members', async () =>
          readMembers(await this.#run('admin', replSetGetStatus)),
        )
      : [];
    const primary = hello.isWritablePrimary === true;
    return { status, operations, members, primary, busyMs: this.busyMs };
  }

  async size(): Promise<number> {
    return readSize(await this.#run(this.#connection.database, dbStats));
  }

  /** Everybody's, else those of this user alone. */
  async #operations(): Promise<Operations> {
    const { database } = this.#connection;
    const ask = (allUsers: boolean) => this.#run('admin', currentOp(database, allUsers));
    const all = await this.#unlessRefused('others', () => ask(true));
    return readOperations(all ?? (await ask(false)));
  }

  async #unlessRefused<T>(part: OptionalPart, read: () => Promise<T>): Promise<T | null> {
    if (this.#refused.has(part)) return null;
    try {
      return await read();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refused.add(part);
      return null;
    }
  }

  async #run(database: string, command: Document): Promise<Document> {
    const from = performance.now();
    const answer = await this.#connection.run(database, command, this.#signal);
    const took = performance.now() - from;
    this.#spentMs += took;
    this.#commands += 1;
    this.#fastestMs = Math.min(this.#fastestMs, took);
    return answer;
  }
}

export function isRefusal(error: unknown): boolean {
  const code = error instanceof PortSyncError ? serverCode(error.cause) : null;
  return code !== null && REFUSALS.has(code);
}
