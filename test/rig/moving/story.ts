import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import type pg from 'pg';
import type { Migration, Side } from '../../../src/model/migration.ts';
import { placesOf } from '../../../src/services/migration/places.ts';
import { auditBank, BankWriter } from '../bank.ts';
import type { RunningCommand } from '../cli.ts';
import { MigrateCli } from '../migrate-cli.ts';
import { killForGood } from '../migration-worker.ts';
import { askPostgres } from '../postgres.ts';
import { until } from '../until.ts';
import { type MovingServers, makeProject } from './servers.ts';

const WRITERS = 3;
const SIDES = ['source', 'target'] as const;

const LEFT = `
select 'slot ' || slot_name as what from pg_replication_slots where database = current_database()
union all select 'publication ' || pubname from pg_publication
union all select 'trigger of ' || tgrelid::regclass from pg_trigger where tgname ~ 'portsync'
union all select 'schema ' || nspname from pg_namespace where nspname ~ 'portsync'
union all select 'REPLICA IDENTITY of ' || oid::regclass from pg_class where relreplident = 'f'`;

/** One database that is written to all the time, and its move. */
export class Story {
  readonly servers: MovingServers;
  readonly database: string;
  readonly cli: MigrateCli;
  readonly writers: BankWriter[];
  /** Commands that wait for what they asked for. */
  readonly commands: RunningCommand[] = [];
  /** Sessions that keep the story where it is; let go by whoever ends that. */
  readonly keepers: pg.Client[] = [];

  private constructor(servers: MovingServers, database: string, project: string) {
    this.servers = servers;
    this.database = database;
    this.cli = new MigrateCli(project);
    const urls = SIDES.map((side) => this.url(side));
    this.writers = Array.from({ length: WRITERS }, (_, n) => new BankWriter(`w${n}`, urls).start());
  }

  static async begin(servers: MovingServers): Promise<Story> {
    const database = await servers.database();
    return new Story(servers, database, await makeProject(servers.wayTo('source', database)));
  }

  /** As the app reaches it. */
  url(side: Side): string {
    return this.servers[side].url({ database: this.database });
  }

  get target(): string {
    return this.servers.wayTo('target', this.database);
  }

  /** What the journal has of the newest migration. */
  async journal(): Promise<string[]> {
    const text = await readFile(placesOf(this.cli.project).journal, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line.endsWith('}'));
    return lines.map((line) => JSON.parse(line).step);
  }

  async untilNoted(step: string, times = 1): Promise<void> {
    const count = async () => (await this.journal()).filter((each) => each === step).length;
    await until(async () => (await count()) >= times, 120_000, `${step} is in the journal`);
  }

  /** Where somebody who is not PortSync may write. */
  async writable(): Promise<Side[]> {
    const sql = 'update bank_accounts set balance = balance where id = -1';
    const may = (side: Side) => askPostgres(this.url(side), sql).then(Boolean, () => false);
    const answers = await Promise.all(SIDES.map(may));
    return SIDES.filter((_, n) => answers[n]);
  }

  async untilWritersGoOn(): Promise<void> {
    const before = this.writers.map(({ acknowledged }) => acknowledged);
    const on = () => this.writers.every((each, n) => each.acknowledged > (before[n] ?? 0) + 5);
    await until(on, 60_000, 'everybody who writes goes on');
  }

  async envNames(): Promise<Side | null> {
    const file = join(this.cli.project, '.env');
    const { DATABASE_URL } = parse(await readFile(file, 'utf8'));
    const named = SIDES.find((side) => this.servers.wayTo(side, this.database) === DATABASE_URL);
    return named ?? null;
  }

  async left(side: Side): Promise<string[]> {
    return (await askPostgres(this.url(side), LEFT)).map(({ what }) => `${side}: ${what}`);
  }

  /** Ends the writers; what is wrong with what they had acknowledged. */
  async check(side: Side): Promise<string[]> {
    await Promise.all(this.writers.map((writer) => writer.stop()));
    const url = this.url(side);
    const each = await Promise.all(this.writers.map((writer) => writer.check(url)));
    return [...each.flat(), ...(await auditBank(url))];
  }

  async release(): Promise<void> {
    await Promise.all(this.keepers.splice(0).map((client) => client.end().catch(() => {})));
  }

  /** Nothing of it stays, whatever became of it. */
  async close(): Promise<void> {
    await this.release();
    for (const command of this.commands) command.kill('SIGKILL');
    const { worker } = await this.cli.status().catch((): Partial<Migration> => ({}));
    if (worker) killForGood(worker.pid);
    await Promise.all(this.writers.map((writer) => writer.stop()));
    await this.servers.drop(this.database);
    await rm(this.cli.project, { recursive: true, force: true });
  }
}
