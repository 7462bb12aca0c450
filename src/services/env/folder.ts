import { join } from 'node:path';
import { ExternalError, PortSyncError } from '../../errors.ts';
import type { Disk } from '../disk/disk.ts';
import { appendLines, createPrivate, makeStateDir, stateDirOf } from '../disk/state-dir.ts';
import { type Seal, sealOf } from './seal.ts';
import { indexLine, isId, type KeptVersion, parseIndex, partsOfId, sha256 } from './versions.ts';

const SUFFIX = '.env';
/** Encrypted with age. */
const SEALED = '.env.age';
const KINDS = [SUFFIX, SEALED] as const;
const CONVERTING = '.converting';
type Kind = (typeof KINDS)[number];
/** Behind either: its .env was not replaced yet, or may have been when PortSync was killed. */
const PENDING = '.new';
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
    const ids = idsIn(names, '');
    const versions = ids.flatMap((id) => index.get(id) ?? []);
    return {
      versions,
      unrecorded: ids.filter((id) => !index.has(id)),
      pending: idsIn(names, PENDING),
    };
  }

  /** @throws ExternalError when the bytes are not those that were kept, or their key is not here. */
  async read(id: string): Promise<Buffer> {
    const found = await this.find(id, '');
    const content = found && (await this.opened(found));
    if (content && sha256(content).startsWith(partsOfId(id)?.hash ?? ' ')) return content;
    throw new ExternalError({
      code: 'env-version-damaged',
      message: `Version ${id} is ${content ? 'damaged' : 'gone'}. Nothing was changed.`,
      why: `${this.path(id, SUFFIX)} ${content ? 'no longer has the bytes that were saved' : 'was removed'}.`,
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
    const seal = await sealOf(this.disk, this.projectDir);
    const kind = seal ? SEALED : SUFFIX;
    const pending = this.path(version.id, kind, PENDING);
    await this.create(pending, seal ? await seal.seal(content) : content);
    try {
      await this.record([version]);
      await this.disk.syncDir(this.dir);
    } catch (error) {
      await this.disk.remove(pending).catch(() => {});
      throw error;
    }
    const done = await effect();
    if (done) await this.finish(version.id, kind);
    else await this.disk.remove(pending);
    return done;
  }

  /**
   * Ends what a killed process, or a full disk, left half done: a pending version is kept unless it
   * is certain that it never was the .env, because that still is the version before.
   */
  async settle(id: string, live: string | null, newest: string | null): Promise<void> {
    const found = await this.find(id, PENDING);
    if (!found) return;
    const expected = partsOfId(id)?.hash ?? ' ';
    const content = await this.opened(found).catch(torn);
    // Without its key, only that it became the .env can be told: it was whole before that.
    if (content === 'locked' && !live?.startsWith(expected)) return;
    const hash = content === 'locked' ? live : content && sha256(content);
    const whole = hash?.startsWith(expected) ?? false;
    if (whole && (hash === live || live !== newest)) await this.finish(id, found.kind);
    else await this.disk.remove(this.path(id, found.kind, PENDING));
  }

  /**
   * Keeps every version as `to` says from now on: encrypted, or in the clear where it is null. Each
   * is readable throughout; killed anywhere, another run goes on.
   */
  async convert(to: Seal | null): Promise<number> {
    const kind = to ? SEALED : SUFFIX;
    const other = to ? SUFFIX : SEALED;
    const names = await this.disk.list(this.dir);
    const ids = names
      .filter((name) => idOf(name, other))
      .map((name) => name.slice(0, -other.length));
    for (const id of ids) {
      const content = await this.read(id);
      const made = this.path(id, kind, CONVERTING);
      await this.disk.remove(made);
      await this.create(made, to ? await to.seal(content) : content);
      await this.disk.rename(made, this.path(id, kind));
      await this.disk.syncDir(this.dir);
      await this.disk.remove(this.path(id, other));
    }
    await this.disk.syncDir(this.dir);
    return ids.length;
  }

  private path(id: string, kind: Kind, ending = ''): string {
    return join(this.dir, id + kind + ending);
  }

  private async find(id: string, ending: string): Promise<Kept | null> {
    for (const kind of KINDS) {
      const bytes = await this.disk.read(this.path(id, kind, ending));
      if (bytes) return { kind, bytes };
    }
    return null;
  }

  private async opened({ kind, bytes }: Kept): Promise<Buffer> {
    if (kind === SUFFIX) return bytes;
    const seal = await sealOf(this.disk, this.projectDir);
    if (!seal) throw notSet();
    return seal.open(bytes);
  }

  async record(versions: readonly KeptVersion[]): Promise<void> {
    const lines = versions.map(indexLine).join('');
    await appendLines(this.disk, this.stateDir, this.indexPath, lines);
  }

  /** Removes versions for good; `kept` becomes the whole index. */
  async drop(dropped: readonly KeptVersion[], kept: readonly KeptVersion[]): Promise<void> {
    for (const { id } of dropped) {
      for (const kind of KINDS) await this.disk.remove(this.path(id, kind));
    }
    const fresh = `${this.indexPath}.new`;
    await this.disk.remove(fresh);
    await this.create(fresh, kept.map(indexLine).join(''));
    await this.disk.rename(fresh, this.indexPath);
    await this.disk.syncDir(this.dir);
  }

  private create(path: string, content: Uint8Array | string): Promise<void> {
    return createPrivate(this.disk, this.stateDir, path, content);
  }

  private async finish(id: string, kind: Kind): Promise<void> {
    await this.disk.rename(this.path(id, kind, PENDING), this.path(id, kind));
    await this.disk.syncDir(this.dir);
  }
}

/** What cannot be decrypted was cut off, unless it is only the key that is missing. */
function torn(error: unknown): 'locked' | null {
  if (!(error instanceof PortSyncError)) throw error;
  return error.code === 'env-key-missing' ? 'locked' : null;
}

interface Kept {
  kind: Kind;
  bytes: Buffer;
}

/** Ids of the files of either kind, oldest first; one that is being converted has both. */
function idsIn(names: readonly string[], ending: string): string[] {
  const ids = KINDS.map((kind) => kind + ending).flatMap((suffix) =>
    names.filter((name) => idOf(name, suffix)).map((name) => name.slice(0, -suffix.length)),
  );
  return [...new Set(ids)].sort();
}

function notSet(): ExternalError {
  return new ExternalError({
    code: 'env-key-missing',
    message: 'This version is encrypted, and portsync.yaml does not say with what.',
    why: 'Its setting env.encrypt is gone.',
    next: 'Bring it back: portsync env encrypt --identity FILE, with the key that was used.',
  });
}

function idOf(name: string, suffix: string): boolean {
  return name.endsWith(suffix) && isId(name.slice(0, -suffix.length));
}
