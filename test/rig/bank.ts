import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const ACCOUNTS = 20;
const START = 1_000;
const READ_ONLY = '25006';

/** What one entry must be afterwards; null for deleted. */
type Value = number | null;

const SCHEMA = `
  create table bank_accounts (id integer primary key, balance bigint not null);
  create table bank_entries (
    id bigserial primary key,
    writer text not null,
    n integer not null,
    amount bigint not null,
    unique (writer, n)
  );
  insert into bank_accounts select id, ${START} from generate_series(1, ${ACCOUNTS}) id`;

export async function openBank(url: string): Promise<void> {
  await withClient(url, (client) => client.query(SCHEMA));
}

/**
 * Somebody who writes straight into the database, past every load balancer, and never stops: inserts,
 * updates and deletes entries, and moves money. A refusal sends it to the next of `urls`, as a worker
 * would be that reads its settings again. It keeps book of what was acknowledged.
 */
export class BankWriter {
  readonly refusals: Record<string, number> = {};
  acknowledged = 0;
  readonly #name: string;
  readonly #urls: readonly string[];
  /** By entry number. Two values where the end of the commit was not seen. */
  readonly #book = new Map<number, Value[]>();
  #at = 0;
  #next = 1;
  #stopped = false;
  #done: Promise<void> = Promise.resolve();

  constructor(name: string, urls: readonly string[]) {
    this.#name = name;
    this.#urls = urls;
  }

  start(): this {
    this.#done = this.#run();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** What is wrong at `url`, in words; nothing when every acknowledged write is there exactly once. */
  async check(url: string): Promise<string[]> {
    const sql = 'select n, amount from bank_entries where writer = $1';
    const { rows } = await withClient(url, (client) => client.query(sql, [this.#name]));
    const found = new Map(rows.map(({ n, amount }) => [Number(n), Number(amount)]));
    const wrong: string[] = [];
    if (found.size !== rows.length) wrong.push(`${this.#name}: entries are doubled`);
    for (const [n, allowed] of this.#book) {
      const value = found.get(n) ?? null;
      if (!allowed.includes(value)) {
        wrong.push(`${this.#name}: entry ${n} is ${value}, acknowledged ${allowed.join(' or ')}`);
      }
      found.delete(n);
    }
    for (const [n] of found) wrong.push(`${this.#name}: entry ${n} was never acknowledged`);
    return wrong;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const client = new pg.Client({ connectionString: this.#urls[this.#at % this.#urls.length] });
      client.on('error', () => {});
      try {
        await client.connect();
        while (!this.#stopped) await this.#act(client);
      } catch (error) {
        const code = String((error as { code?: string }).code ?? (error as Error).message);
        this.refusals[code] = (this.refusals[code] ?? 0) + 1;
        // Only who is refused has to look elsewhere; a server that is away comes back.
        if (code === READ_ONLY) this.#at += 1;
        await sleep(20);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  async #act(client: pg.Client): Promise<void> {
    const dice = Math.random();
    const known = [...this.#book.keys()];
    const n = known[Math.floor(Math.random() * known.length)];
    const amount = Math.floor(Math.random() * 1e6);
    if (n === undefined || dice < 0.4) return this.#insert(client, amount);
    if (dice < 0.6) return this.#transfer(client, amount % 50);
    if (dice < 0.85) {
      const sql = 'update bank_entries set amount = $3 where writer = $1 and n = $2 returning n';
      return this.#change(client, n, sql, [n, amount], amount);
    }
    const sql = 'delete from bank_entries where writer = $1 and n = $2 returning n';
    return this.#change(client, n, sql, [n], null);
  }

  async #insert(client: pg.Client, amount: number): Promise<void> {
    const n = this.#next++;
    const sql = 'insert into bank_entries (writer, n, amount) values ($1, $2, $3) returning n';
    await this.#change(client, n, sql, [n, amount], amount);
  }

  async #change(client: pg.Client, n: number, sql: string, rest: number[], value: Value) {
    const before = this.#book.get(n) ?? [null];
    await this.#commit(
      client,
      async () => (await client.query(sql, [this.#name, ...rest])).rowCount,
      {
        committed: (count) => this.#book.set(n, count ? [value] : before),
        unsure: () => this.#book.set(n, [...before, value]),
      },
    );
  }

  async #transfer(client: pg.Client, amount: number): Promise<void> {
    const from = 1 + Math.floor(Math.random() * ACCOUNTS);
    const to = 1 + (from % ACCOUNTS);
    const sql = 'update bank_accounts set balance = balance + $2 where id = $1';
    // In one order, so that two of these never wait for each other.
    const moves = [
      [from, -amount],
      [to, amount],
    ].sort(([a = 0], [b = 0]) => a - b);
    const work = async () => {
      for (const move of moves) await client.query(sql, move);
      return null;
    };
    await this.#commit(client, work, { committed: () => {}, unsure: () => {} });
  }

  async #commit<T>(
    client: pg.Client,
    work: () => Promise<T>,
    tell: { committed: (result: T) => void; unsure: () => void },
  ): Promise<void> {
    await client.query('begin');
    const result = await work();
    try {
      await client.query('commit');
    } catch (error) {
      // With a code the server said no; without one its answer was lost, and either may be true.
      if (!/^[0-9A-Z]{5}$/.test(String((error as { code?: string }).code))) tell.unsure();
      throw error;
    }
    tell.committed(result);
    this.acknowledged += 1;
  }
}

/** What is wrong with the bank as a whole at `url`: money made or lost, numbers handed out twice. */
export async function auditBank(url: string): Promise<string[]> {
  const sql = `select (select sum(balance) from bank_accounts)::bigint as money,
    (select coalesce(max(id), 0) from bank_entries)::bigint as highest,
    nextval('bank_entries_id_seq')::bigint as next`;
  const { rows } = await withClient(url, (client) => client.query(sql));
  const { money, highest, next } = rows[0];
  const wrong: string[] = [];
  if (Number(money) !== ACCOUNTS * START) wrong.push(`the accounts hold ${money}`);
  if (Number(next) <= Number(highest)) wrong.push(`the next id ${next} is taken up to ${highest}`);
  return wrong;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
