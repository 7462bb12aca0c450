import pg from 'pg';
import { POSTGRES_SCHEMA } from './postgres-schema.ts';
import {
  type Created,
  LOGIN_WINDOW_SECONDS,
  type Note,
  type Once,
  type Page,
  type Store,
  StoreUnavailable,
  type User,
} from './store.ts';

const SCHEMA_LOCK = 5_016_201;
const CONNECTIONS = 8;
const ID = /^\d{1,18}$/;
const NOTE = 'id, text, updated_at';
/** Where somebody writes anyway: a replica that only starts, maybe on a database to come, writes nothing. */
const FORGET = `delete from idempotency_keys
  where user_id = $1 and created_at < now() - interval '1 day'`;

interface NoteRow {
  id: string;
  text: string;
  updated_at: Date;
}

export class PostgresStore implements Store {
  readonly #pool: pg.Pool;
  /** Of its own, so that a sign of life does not queue behind the requests. */
  readonly #pulse: pg.Pool;
  #hasSchema = false;

  constructor(url: string, onError: (error: Error) => void) {
    const settings = { connectionString: url, keepAlive: true };
    this.#pool = new pg.Pool({ ...settings, max: CONNECTIONS, connectionTimeoutMillis: 5_000 });
    const quick = { max: 1, connectionTimeoutMillis: 1_500, query_timeout: 1_500 };
    this.#pulse = new pg.Pool({ ...settings, ...quick });
    this.#pool.on('error', onError);
    this.#pulse.on('error', onError);
  }

  async ready(): Promise<void> {
    if (!this.#hasSchema) await this.#createSchema();
    this.#hasSchema = true;
    await this.#pulse.query('select 1');
  }

  async createUser(email: string, passwordHash: string, signupKey: string | null) {
    const rows = await this.#rows(
      `insert into users (email, password_hash, signup_key) values ($1, $2, $3)
       on conflict (email) do nothing returning *`,
      [email, passwordHash, signupKey],
    );
    return toUser(rows[0]);
  }

  async findUser(email: string) {
    return toUser((await this.#rows('select * from users where email = $1', [email]))[0]);
  }

  async notes(userId: string, { limit, before }: Page) {
    if (before !== null && !ID.test(before)) return [];
    const rows = await this.#rows(
      `select ${NOTE} from notes where user_id = $1 and ($2::bigint is null or id < $2)
       order by id desc limit $3`,
      [userId, before, limit],
    );
    return rows.map(toNote);
  }

  async note(userId: string, id: string) {
    return this.#one(`select ${NOTE} from notes where user_id = $1 and id = $2`, [userId, id]);
  }

  async createNote(userId: string, text: string, once: Once | null): Promise<Created> {
    const insert = `insert into notes (user_id, text) values ($1, $2) returning ${NOTE}`;
    if (!once) return { note: toNote((await this.#rows(insert, [userId, text]))[0] as NoteRow) };
    return this.#transaction(async (query) => {
      await query(FORGET, [userId]);
      // Waits for another request with this key that is under way, and then sees its answer.
      const claimed = await query(
        `insert into idempotency_keys (user_id, key, request_hash) values ($1, $2, $3)
         on conflict do nothing returning key`,
        [userId, once.key, once.requestHash],
      );
      const named = [userId, once.key];
      if (claimed.length === 0) {
        const sql = 'select * from idempotency_keys where user_id = $1 and key = $2';
        const [earlier] = await query(sql, named);
        return earlier?.request_hash === once.requestHash ? { note: earlier.answer } : 'reused';
      }
      const note = toNote((await query(insert, [userId, text]))[0] as NoteRow);
      const keep = 'update idempotency_keys set answer = $3 where user_id = $1 and key = $2';
      await query(keep, [...named, JSON.stringify(note)]);
      return { note };
    });
  }

  async updateNote(userId: string, id: string, text: string) {
    const sql = `update notes set text = $3, updated_at = now() where user_id = $1 and id = $2
                 returning ${NOTE}`;
    return this.#one(sql, [userId, id, text]);
  }

  async deleteNote(userId: string, id: string) {
    const sql = `delete from notes where user_id = $1 and id = $2 returning ${NOTE}`;
    return (await this.#one(sql, [userId, id])) !== null;
  }

  async loginFailures(keys: readonly string[]) {
    const [row] = await this.#rows(
      `select coalesce(max(count), 0) as most from login_failures
       where key = any($1) and since > now() - make_interval(secs => $2)`,
      [keys, LOGIN_WINDOW_SECONDS],
    );
    return Number(row.most);
  }

  async countLoginFailure(keys: readonly string[]) {
    // In one order, so that two of these never wait for each other.
    await this.#rows(
      `insert into login_failures (key, count, since)
       select key, 1, now() from unnest($1::text[]) key order by key
       on conflict (key) do update set
         count = case when login_failures.since > now() - make_interval(secs => $2)
                 then login_failures.count + 1 else 1 end,
         since = case when login_failures.since > now() - make_interval(secs => $2)
                 then login_failures.since else now() end`,
      [keys, LOGIN_WINDOW_SECONDS],
    );
    await this.#rows(
      'delete from login_failures where since < now() - 2 * make_interval(secs => $1)',
      [LOGIN_WINDOW_SECONDS],
    );
  }

  async close() {
    await Promise.all([this.#pool.end(), this.#pulse.end()]);
  }

  async #one(sql: string, values: [string, string, ...string[]]): Promise<Note | null> {
    if (!ID.test(values[1])) return null;
    const [row] = await this.#rows(sql, values);
    return row ? toNote(row) : null;
  }

  async #rows(sql: string, values: unknown[]) {
    return (await this.#pool.query(sql, values).catch(rethrow)).rows;
  }

  async #transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch(rethrow);
    try {
      await client.query('begin');
      const result = await work(async (sql, values) => (await client.query(sql, values)).rows);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // A connection in an unknown state is not used again.
      client.release(true);
      return rethrow(error);
    }
  }

  /** Looks first: creating what exists would still queue for locks behind a running migration. */
  async #createSchema() {
    const there = await this.#pulse.query(`select to_regclass('login_failures') as name`);
    if (there.rows[0].name === null) {
      await this.#transaction(async (query) => {
        await query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
        const [made] = await query(`select to_regclass('login_failures') as name`, []);
        if (made?.name === null) await query(POSTGRES_SCHEMA, []);
      });
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: rows are what their statement says
type Query = (sql: string, values: unknown[]) => Promise<any[]>;

const OVER = /^(08|53|57P|25006|40001)/;

function rethrow(error: unknown): never {
  const { code } = error as { code?: string };
  // Without an SQLSTATE it is the connection that failed.
  throw code === undefined || OVER.test(code) || /^E[A-Z]+$/.test(code)
    ? new StoreUnavailable(error)
    : error;
}

function toNote(row: NoteRow): Note {
  return { id: row.id, text: row.text, updatedAt: row.updated_at.toISOString() };
}

// biome-ignore lint/suspicious/noExplicitAny: a row of users
function toUser(row: any): User | null {
  if (!row) return null;
  const { id, email, password_hash, signup_key } = row;
  return { id, email, passwordHash: password_hash, signupKey: signup_key };
}
