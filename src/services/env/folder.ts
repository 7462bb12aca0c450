import { join } from 'node:path';
import { ExternalError } from '../../errors.ts';
import type { Disk } from '../disk/disk.ts';
import { appendLines, createPrivate, makeStateDir, stateDirOf } from '../disk/state-dir.ts';
import { indexLine, isId, type KeptVersion, parseIndex, partsOfId, sha256 } from './versions.ts';

const SUFFIX = '.env';
/** A version whose .env was not replaced yet, or may have been when PortSync was killed. */
const PENDING = '.env.new';
const NAME = 'env';

/** What is in the folder of versions. */
export interface Contents {
  /** Oldest first. */
  versions: KeptVersion[];
  /** Ids whose record is missing from the index. */
  unrecorded: string[];
  pending: string[];
}

/**
 * `.portsync/env`: one file of exact bytes per version, and `index.jsonl`, which says who made it and
 * why. The files are the truth; the index is only ever appended to, and made again where it is damaged.
 */
export class Folder {
  private readonly disk: Disk;
  private readonly projectDir: string;
  private readonly stateDir: string;
  readonly dir: string;

  constructor(disk: Disk, projectDir: string) {
    this.disk = disk;
    this.projectDir = projectDir;
    this.stateDir = stateDirOf(projectDir);
    this.dir = join(this.stateDir, NAME);
  }

  get lockPath(): string {
    return join(this.dir, 'lock');
  }

  private get indexPath(): string {
    return join(this.dir, 'index.jsonl');
  }

  async make(): Promise<void> {
    await makeStateDir(this.disk, this.projectDir, NAME);
  }

  async contents(): Promise<Contents> {
    // A version's line is written before its file appears: read in the other order, none is missed.
    const names = await this.disk.list(this.dir);
    const index = parseIndex((await this.disk.read(this.indexPath))?.toString('utf8') ?? '');
    const ids = names.filter((name) => idOf(name, SUFFIX)).map((name) => name.slice(0, -4));
    const versions = ids.sort().flatMap((id) => index.get(id) ?? []);
    return {
      versions,
      unrecorded: ids.filter((id) => !index.has(id)),
      pending: names.filter((name) => idOf(name, PENDING)).map((name) => name.slice(0, -8)),
    };
  }

  /** @throws ExternalError when the bytes are not those that were kept. */
  async read(id: string): Promise<Buffer> {
    const content = await this.disk.read(join(this.dir, id + SUFFIX));
    if (content && sha256(content).startsWith(partsOfId(id)?.hash ?? ' ')) return content;
    throw new ExternalError({
      code: 'env-version-damaged',
      message: `Version ${id} is ${content ? 'damaged' : 'gone'}. Nothing was changed.`,
      why: `${join(this.dir, id + SUFFIX)} ${content ? 'no longer has the bytes that were saved' : 'was removed'}.`,
      next: 'Choose another version: portsync env list.',
    });
  }

  /**
   * Keeps `content` as `version`, with `effect` (the replacing of the .env) in the middle; answers
   * what it answers. Killed anywhere, `settle` finds out whether the version came into effect.
   */
  async add(
    version: KeptVersion,
    content: Uint8Array,
    effect: () => Promise<boolean>,
  ): Promise<boolean> {
    const pending = join(this.dir, version.id + PENDING);
    await this.create(pending, content);
    try {
      await this.record([version]);
      await this.disk.syncDir(this.dir);
    } catch (error) {
      await this.disk.remove(pending).catch(() => {});
      throw error;
    }
    const done = await effect();
    if (done) await this.finish(version.id);
    else await this.disk.remove(pending);
    return done;
  }

  /**
   * Ends what a killed process, or a full disk, left half done: a pending version is kept unless it
   * is certain that it never was the .env, because that still is the version before.
   */
  async settle(id: string, live: string | null, newest: string | null): Promise<void> {
    const path = join(this.dir, id + PENDING);
    const content = await this.disk.read(path);
    if (!content) return;
    const hash = sha256(content);
    const whole = hash.startsWith(partsOfId(id)?.hash ?? ' ');
    if (whole && (hash === live || live !== newest)) await this.finish(id);
    else await this.disk.remove(path);
  }

  async record(versions: readonly KeptVersion[]): Promise<void> {
    const lines = versions.map(indexLine).join('');
    await appendLines(this.disk, this.stateDir, this.indexPath, lines);
  }

  /** Removes versions for good; `kept` becomes the whole index. */
  async drop(dropped: readonly KeptVersion[], kept: readonly KeptVersion[]): Promise<void> {
    for (const { id } of dropped) await this.disk.remove(join(this.dir, id + SUFFIX));
    const fresh = `${this.indexPath}.new`;
    await this.disk.remove(fresh);
    await this.create(fresh, kept.map(indexLine).join(''));
    await this.disk.rename(fresh, this.indexPath);
    await this.disk.syncDir(this.dir);
  }

  private create(path: string, content: Uint8Array | string): Promise<void> {
    return createPrivate(this.disk, this.stateDir, path, content);
  }

  private async finish(id: string): Promise<void> {
    await this.disk.rename(join(this.dir, id + PENDING), join(this.dir, id + SUFFIX));
    await this.disk.syncDir(this.dir);
  }
}

function idOf(name: string, suffix: string): boolean {
  return name.endsWith(suffix) && isId(name.slice(0, -suffix.length));
}
