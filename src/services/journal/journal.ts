import { join } from 'node:path';
import { PortSyncError } from '../../errors.ts';
import type { Job, Outcome } from '../../model/job.ts';
import type { Disk } from '../disk/disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { appendLines, createPrivate, makeStateDir, stateDirOf } from '../disk/state-dir.ts';
import { thisUser, type Who } from '../env/who.ts';
import { auditLine } from './audit.ts';
import { type JobHead, type JournalLine, lineText, parseJob } from './lines.ts';

const NAME = 'jobs';
const ENDING = '.jsonl';
/** Ended jobs beyond these are removed, oldest first. */
const KEPT = 200;

/** Does `work`, which is the operation `id` of a plan, and keeps book of it. */
export type Step = <T>(id: string, work: () => Promise<T>) => Promise<T>;

/** What is to be done, before anything is. */
export type Intent = Pick<JobHead, 'kind' | 'what' | 'owner' | 'plan' | 'facts'>;

export interface JournalOptions {
  disk?: Disk;
  who?: Who;
  now?: () => number;
}

/** What PortSync changes in a project: one file per job in `.portsync/jobs`, one line in `audit.log`. */
export class Journal {
  readonly #disk: Disk;
  readonly #projectDir: string;
  readonly #who: Who;
  readonly #now: () => number;

  constructor(projectDir: string, options: JournalOptions = {}) {
    this.#projectDir = projectDir;
    this.#disk = options.disk ?? nodeDisk;
    this.#who = options.who ?? thisUser();
    this.#now = options.now ?? Date.now;
  }

  get #dir(): string {
    return join(stateDirOf(this.#projectDir), NAME);
  }

  /** Synced before it resolves: from then on a later start finds the job. */
  async begin(intent: Intent): Promise<OpenJob> {
    await makeStateDir(this.#disk, this.#projectDir, NAME);
    await this.#prune();
    const { author, host } = this.#who;
    const at = new Date(this.#now()).toISOString();
    const id = `${at.replace(/[-:.]/g, '')}-${intent.kind}`;
    const head: JournalLine = { line: 'job', ...intent, at, author, host };
    await createPrivate(this.#disk, stateDirOf(this.#projectDir), this.#file(id), lineText(head));
    await this.#disk.syncDir(this.#dir);
    return this.open({ id, ...head, operations: [], outcome: null });
  }

  /** Goes on with a job that was found open. */
  open({ id, what }: Job): OpenJob {
    const write = (line: JournalLine) => this.#append(this.#file(id), lineText(line));
    const now = () => new Date(this.#now()).toISOString();
    const { author, host } = this.#who;
    return new OpenJob(write, now, async (outcome) => {
      await this.audit(auditLine({ at: now(), author, host, what, outcome, job: id }));
    });
  }

  audit(line: string): Promise<void> {
    return this.#append(join(stateDirOf(this.#projectDir), 'audit.log'), line);
  }

  /** All that are kept, oldest first. */
  async jobs(): Promise<Job[]> {
    const found: Job[] = [];
    for (const id of await this.#ids()) {
      const text = (await this.#disk.read(this.#file(id)))?.toString('utf8') ?? '';
      const job = parseJob(id, text);
      if (job) found.push(job);
    }
    return found;
  }

  /** Begun and not ended: under way, or left by a process that died. */
  async unfinished(): Promise<Job[]> {
    return (await this.jobs()).filter(({ outcome }) => outcome === null);
  }

  async #ids(): Promise<string[]> {
    const names = await this.#disk.list(this.#dir);
    return names
      .filter((name) => name.endsWith(ENDING))
      .map((name) => name.slice(0, -ENDING.length))
      .sort();
  }

  async #prune(): Promise<void> {
    if ((await this.#ids()).length < KEPT) return;
    const ended = (await this.jobs()).filter(({ outcome }) => outcome !== null);
    for (const { id } of ended.slice(0, -KEPT / 2)) await this.#disk.remove(this.#file(id));
  }

  #file(id: string): string {
    return join(this.#dir, id + ENDING);
  }

  #append(path: string, text: string): Promise<void> {
    return appendLines(this.#disk, stateDirOf(this.#projectDir), path, text);
  }
}

/** A job that is being done. */
export class OpenJob {
  readonly #write: (line: JournalLine) => Promise<void>;
  readonly #now: () => string;
  readonly #audit: (outcome: Outcome) => Promise<void>;

  constructor(
    write: (line: JournalLine) => Promise<void>,
    now: () => string,
    audit: (outcome: Outcome) => Promise<void>,
  ) {
    this.#write = write;
    this.#now = now;
    this.#audit = audit;
  }

  /** Written and synced before `work` starts; with what became of it after. */
  readonly step: Step = async (id, work) => {
    await this.#operation(id, 'doing', null);
    try {
      const result = await work();
      await this.#operation(id, 'done', null);
      return result;
    } catch (error) {
      await this.#operation(id, 'failed', error).catch(() => {});
      throw error;
    }
  };

  async end(outcome: Outcome): Promise<void> {
    await this.#audit(outcome);
    await this.#write({ line: 'end', outcome, at: this.#now() });
  }

  async #operation(id: string, state: 'doing' | 'done' | 'failed', error: unknown): Promise<void> {
    const problem = error === null ? null : shortProblem(error);
    await this.#write({ line: 'operation', id, state, at: this.#now(), problem });
  }
}

/** Without the reasons: they may quote a log. */
function shortProblem(error: unknown): { code: string; message: string } {
  if (error instanceof PortSyncError) return { code: error.code, message: error.message };
  return { code: 'bug', message: 'PortSync did not expect this.' };
}
