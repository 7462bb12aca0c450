import { join } from 'node:path';
import { toProblem } from '../../errors.ts';
import type { Disk } from '../disk/disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { thisProcess } from '../lock/holder.ts';
import { type Holder, withLock } from '../lock/lock.ts';
import { Folder } from './folder.ts';
import { type FullHistory, inOrder, type Now, type Outcome, told } from './history.ts';
import {
  LARGEST_BYTES,
  missing,
  notAFile,
  PATIENCE,
  stillChanging,
  tooLarge,
  translated,
} from './problems.ts';
import { describeVersion, lostRecords } from './records.ts';
import { removeTemporaries, replaceFile, sameBytes } from './replace.ts';
import type { Seal } from './seal.ts';
import { type KeptVersion, sha256 } from './versions.ts';
import { thisUser, type Who } from './who.ts';

export type { FullHistory, Outcome } from './history.ts';

export interface EnvStoreOptions {
  disk?: Disk;
  holder?: Holder;
  who?: Who;
  now?: () => number;
}

interface About {
  reason: string;
  author?: string;
  named?: boolean;
}

const ATTEMPTS = 5;
/** A file that changed this recently may be half written. */
const SETTLE_MS = 100;

/** One project's .env with all its versions. */
export class EnvStore {
  readonly file: string;
  private readonly disk: Disk;
  private readonly folder: Folder;
  private readonly holder: Holder;
  private readonly who: Who;
  private readonly now: () => number;

  constructor(projectDir: string, options: EnvStoreOptions = {}) {
    this.file = join(projectDir, '.env');
    this.disk = options.disk ?? nodeDisk;
    this.folder = new Folder(this.disk, projectDir);
    this.holder = options.holder ?? thisProcess;
    this.who = options.who ?? thisUser();
    this.now = options.now ?? Date.now;
  }

  /** Changes whenever the file or its versions may have; cheap. */
  async stamp(): Promise<string> {
    const facts = await Promise.all([this.disk.facts(this.file), this.disk.facts(this.folder.dir)]);
    return facts.map((each) => each?.stamp).join(' ');
  }

  /** Every version, newest first. A change that another program made becomes a version now. */
  async history(signal: AbortSignal): Promise<FullHistory> {
    const now = await this.reading(() => this.look());
    if (inOrder(now)) return told(this.file, now, null);
    try {
      return told(this.file, await this.exclusive(signal, () => this.catchUp()), null);
    } catch (error) {
      if (signal.aborted) throw error;
      return told(this.file, now, toProblem(error));
    }
  }

  /** The file's bytes; null where there is none. */
  live(): Promise<Buffer | null> {
    return this.reading(() => this.readFile());
  }

  private async look(): Promise<Now> {
    return { content: await this.readFile(), ...(await this.folder.contents()) };
  }

  private async reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw translated(error, `${this.file} or its history could not be read.`);
    }
  }

  private async readFile(): Promise<Buffer | null> {
    const facts = await this.disk.facts(this.file);
    if (!facts) return null;
    if (!facts.isFile) throw notAFile(this.file);
    if (facts.size > LARGEST_BYTES) throw tooLarge(this.file, facts.size);
    return this.disk.read(this.file);
  }

  content(id: string): Promise<Buffer> {
    return this.reading(() => this.folder.read(id));
  }

  /**
   * Replaces the file by what `edit` makes of it and keeps that as a version. `edit` is called again
   * when another program saved the file meanwhile; it throws to give up.
   */
  change(
    edit: (content: Buffer | null) => Uint8Array | Promise<Uint8Array>,
    reason: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return this.exclusive(signal, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const now = await this.catchUp();
        const after = await edit(now.content);
        if (after.length > LARGEST_BYTES) throw tooLarge(this.file, after.length);
        const newest = now.versions.at(-1);
        if (newest && sameBytes(now.content, after)) return { version: newest, changed: false };
        const version = this.describe(now, after, now.content, { reason });
        const replace = () => replaceFile(this.disk, this.file, after, now.content);
        if (await this.folder.add(version, after, replace)) return { version, changed: true };
      }
      throw stillChanging(this.file);
    });
  }

  /** Keeps the file as it is now under a name: a version that is never pruned. */
  name(reason: string, signal: AbortSignal): Promise<KeptVersion> {
    return this.exclusive(signal, async () => {
      const now = await this.catchUp();
      if (!now.content) throw missing(this.file);
      const version = this.describe(now, now.content, now.content, { reason, named: true });
      await this.folder.add(version, now.content, async () => true);
      return version;
    });
  }

  /** Removes the versions that `choose` picks from all of them, and answers those. */
  prune(
    choose: (history: FullHistory) => KeptVersion[],
    signal: AbortSignal,
  ): Promise<KeptVersion[]> {
    return this.exclusive(signal, async () => {
      const now = await this.catchUp();
      const chosen = choose(told(this.file, now, null));
      const kept = now.versions.filter((version) => !chosen.includes(version));
      if (chosen.length > 0) await this.folder.drop(chosen, kept);
      return chosen;
    });
  }

  /**
   * Keeps all versions encrypted from now on, or in the clear where `to` is null; `set` writes the
   * setting that later versions go by. Answers how many were converted.
   */
  convert(to: Seal | null, set: () => Promise<void>, signal: AbortSignal): Promise<number> {
    return this.exclusive(signal, async () => {
      await this.catchUp();
      // What is encrypted can be opened only while the setting says how.
      if (to) await set();
      const count = await this.folder.convert(to);
      if (!to) await set();
      return count;
    });
  }

  private async exclusive<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let before: Buffer | null | undefined;
    try {
      await this.folder.make();
      const noted = async () => {
        before = await this.live();
        return work();
      };
      const { disk, folder, holder } = this;
      return await withLock(disk, folder.lockPath, holder, signal, noted, PATIENCE);
    } catch (error) {
      const now = before === undefined ? undefined : await this.live().catch(() => undefined);
      const same = now === undefined || before === undefined || sameBytes(now, before);
      const outcome = same ? 'Nothing was changed.' : 'Its new content is in place.';
      throw translated(error, `${this.file} could not be saved. ${outcome}`);
    }
  }

  /**
   * Under the lock: ends what a killed process left half done, writes lost records again, keeps what
   * another program wrote. If there is a file, the newest version equals it afterwards.
   */
  private async catchUp(): Promise<Now> {
    const first = await this.look();
    if (inOrder(first)) return first;
    const live = first.content && sha256(first.content);
    for (const id of first.pending) {
      await this.folder.settle(id, live, first.versions.at(-1)?.sha256 ?? null);
      await removeTemporaries(this.disk, this.file);
    }
    const settled = await this.folder.contents();
    if (settled.unrecorded.length > 0)
      await this.folder.record(await lostRecords(this.folder, settled));
    const now: Now = {
      ...(await this.folder.contents()),
      content: await this.settledContent(first),
    };
    return inOrder(now) ? now : this.keepOutsideChange(now);
  }

  /** The content, once no one has touched the file for a moment or it is known anyway. */
  private async settledContent({ versions }: Now): Promise<Buffer | null> {
    const known = new Set(versions.map((version) => version.sha256));
    for (const until = Date.now() + 20 * SETTLE_MS; ; ) {
      const content = await this.live();
      const facts = await this.disk.facts(this.file);
      const age = facts ? Date.now() - facts.changedAt : Number.POSITIVE_INFINITY;
      const quiet = age < 0 || age >= SETTLE_MS || Date.now() > until;
      if (quiet || !content || known.has(sha256(content))) return content;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS - age));
    }
  }

  private async keepOutsideChange(now: Now): Promise<Now> {
    if (!now.content) return now;
    const newest = now.versions.at(-1);
    const before = newest ? await this.folder.read(newest.id).catch(() => null) : null;
    const version = this.describe(now, now.content, before, {
      author: this.who.nameOf((await this.disk.facts(this.file))?.uid ?? 0),
      reason: newest ? 'changed outside PortSync' : 'first seen',
    });
    await this.folder.add(version, now.content, async () => true);
    return { ...now, versions: [...now.versions, version] };
  }

  private describe(now: Now, content: Uint8Array, before: Uint8Array | null, about: About) {
    const { author, host } = this.who;
    return describeVersion(
      { content, before, newest: now.versions.at(-1) ?? null, now: this.now() },
      { author, host, ...about },
    );
  }
}
