import { spawn } from 'node:child_process';
import type { Migration } from '../../src/model/migration.ts';
import { lookAt } from '../../src/services/migration/look.ts';
import { placesOf } from '../../src/services/migration/places.ts';
import { type RunningCommand, runningCommand } from './cli.ts';
import { until } from './until.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;

/** `portsync migrate …`, as it was built, in one project. */
export class MigrateCli {
  readonly project: string;

  constructor(project: string) {
    this.project = project;
  }

  /** @param input what it reads from standard input: a connection string where an argument is `-` */
  start(args: readonly string[], input = ''): RunningCommand {
    const all = [PORTSYNC, 'migrate', ...args, '--json', '--project', this.project];
    const child = spawn(process.execPath, all, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    return runningCommand(child);
  }

  /** @returns what it answered. Fails where it did. */
  async run(args: readonly string[], input = ''): Promise<Record<string, unknown>> {
    const { code, result, stderr } = await this.start(args, input).ended;
    if (code === 0) return result;
    throw new Error(`migrate ${args.join(' ')}: ${code} ${JSON.stringify(result)} ${stderr}`);
  }

  /** As `migrate status` has it. */
  async status(): Promise<Migration> {
    const migration = await lookAt(placesOf(this.project));
    if (migration) return migration;
    throw new Error('No migration was begun.');
  }

  async until(condition: (migration: Migration) => unknown, what: string): Promise<Migration> {
    let seen: Migration | null = null;
    const met = async () => {
      seen = await lookAt(placesOf(this.project));
      return seen !== null && condition(seen);
    };
    await until(met, 120_000, what).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${seen?.state}: ${JSON.stringify(seen?.problem)}`);
    });
    return seen as unknown as Migration;
  }
}
