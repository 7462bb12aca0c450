import { basename, dirname } from 'node:path';
import type { Disk, FileFacts, OpenFile } from '../../src/services/disk/disk.ts';

interface Inode {
  data: Buffer;
  /** What a power cut leaves; null before the first sync. */
  synced: Buffer | null;
  changes: number;
  number: number;
  mode: number;
  uid: number;
  gid: number;
  link: string | null;
}

/** What becomes of the disk when the program ends. */
export type Ending = 'kill' | 'power, unsynced lost' | 'power, names kept' | 'power, data kept';

export class Killed extends Error {}

/**
 * A file system in memory that is as strict as a real one is at its worst: data that was not synced
 * may be gone after a power cut, and so may names whose directory was not. Each call is a step; the
 * program can be killed before any of them, in the middle of a write, or be given an error.
 */
export class FakeDisk implements Disk {
  steps = 0;
  /** Called with the number of the step and its name, before it happens; throws to make it fail. */
  before: (step: number, what: string) => void = () => {};
  private dead = false;
  private names: Map<string, Inode>;
  private syncedNames: Map<string, Inode>;
  private readonly dirs: Set<string>;
  private inodes = 0;

  constructor(dir: string) {
    this.names = new Map();
    this.syncedNames = new Map();
    this.dirs = new Set([dir]);
  }

  /** The same disk as the next program finds it. */
  after(ending: Ending): FakeDisk {
    const next = new FakeDisk('/');
    for (const dir of this.dirs) next.dirs.add(dir);
    const namesKept = ending !== 'power, unsynced lost' && ending !== 'power, data kept';
    const dataKept = ending === 'kill' || ending === 'power, data kept';
    for (const [path, inode] of namesKept ? this.names : this.syncedNames) {
      const data = dataKept ? inode.data : (inode.synced ?? Buffer.alloc(0));
      const copy = { ...inode, data, synced: data };
      next.names.set(path, copy);
      next.syncedNames.set(path, copy);
    }
    next.inodes = this.inodes;
    return next;
  }

  /** As another program would, at once and for good. */
  plant(path: string, data: Uint8Array, mode = 0o644): void {
    const inode = this.newInode(mode);
    inode.data = Buffer.from(data);
    inode.synced = inode.data;
    this.names.set(path, inode);
    this.syncedNames.set(path, inode);
  }

  paths(): string[] {
    return [...this.names.keys()].sort();
  }

  async facts(path: string): Promise<FileFacts | null> {
    this.step('facts');
    const inode = this.names.get(path);
    if (!inode) return this.dirs.has(path) ? { ...DIRECTORY, stamp: this.dirStamp(path) } : null;
    const { data, mode, uid, gid } = inode;
    const stamp = stampOf(inode);
    return { stamp, size: data.length, changedAt: 0, isFile: true, mode, uid, gid };
  }

  async read(path: string): Promise<Buffer | null> {
    this.step('read');
    return this.names.get(path)?.data ?? null;
  }

  async open(path: string, how: 'create' | 'append', mode: number): Promise<OpenFile> {
    this.step(`open ${how}`);
    if (!this.dirs.has(dirname(path))) throw fault('ENOENT');
    let inode = this.names.get(path);
    if (inode && how === 'create') throw fault('EEXIST');
    if (!inode) {
      inode = this.newInode(mode);
      this.names.set(path, inode);
    }
    return this.openFile(inode);
  }

  async list(dir: string): Promise<string[]> {
    this.step('list');
    return this.paths().flatMap((path) => (dirname(path) === dir ? [basename(path)] : []));
  }

  async makeDir(path: string): Promise<void> {
    this.step('makeDir');
    if (!this.dirs.has(dirname(path))) throw fault('ENOENT');
    this.dirs.add(path);
  }

  async ownerFor(): Promise<null> {
    this.step('ownerFor');
    return null;
  }

  async rename(from: string, to: string): Promise<void> {
    this.step('rename');
    const inode = this.names.get(from);
    if (!inode) throw fault('ENOENT');
    this.names.delete(from);
    this.names.set(to, inode);
  }

  async renameOver(from: string, to: string, stamp: string | null): Promise<boolean> {
    this.step('renameOver');
    const inode = this.names.get(to);
    if ((inode ? stampOf(inode) : null) !== stamp) return false;
    const source = this.names.get(from);
    if (!source) throw fault('ENOENT');
    this.names.delete(from);
    this.names.set(to, source);
    return true;
  }

  async remove(path: string): Promise<void> {
    this.step('remove');
    this.names.delete(path);
  }

  async syncDir(dir: string): Promise<void> {
    this.step('syncDir');
    for (const path of [...this.syncedNames.keys()]) {
      if (dirname(path) === dir) this.syncedNames.delete(path);
    }
    for (const [path, inode] of this.names) {
      if (dirname(path) === dir) this.syncedNames.set(path, inode);
    }
  }

  async realPath(path: string): Promise<string | null> {
    this.step('realPath');
    return this.names.has(path) ? path : null;
  }

  async makeLink(text: string, path: string): Promise<boolean> {
    this.step('makeLink');
    if (this.names.has(path)) return false;
    this.names.set(path, { ...this.newInode(0o777), link: text });
    return true;
  }

  async readLink(path: string): Promise<{ text: string; madeAt: number } | null> {
    this.step('readLink');
    const link = this.names.get(path)?.link;
    return link === undefined || link === null ? null : { text: link, madeAt: 0 };
  }

  private openFile(inode: Inode): OpenFile {
    return {
      write: async (data) => {
        const half = Buffer.concat([inode.data, data.subarray(0, data.length >> 1)]);
        inode.changes += 1;
        try {
          this.step('write');
        } catch (error) {
          inode.data = half;
          throw error;
        }
        inode.data = Buffer.concat([inode.data, data]);
      },
      setOwner: async (uid, gid) => {
        this.step('setOwner');
        Object.assign(inode, { uid, gid });
      },
      setMode: async (mode) => {
        this.step('setMode');
        inode.mode = mode;
      },
      sync: async () => {
        this.step('sync');
        inode.synced = inode.data;
      },
      close: async () => this.step('close'),
    };
  }

  /** A killed program makes no further call: what it would clean up stays. */
  private step(what: string): void {
    if (this.dead) throw new Killed();
    this.steps += 1;
    try {
      this.before(this.steps, what);
    } catch (error) {
      this.dead = error instanceof Killed;
      throw error;
    }
  }

  private newInode(mode: number): Inode {
    const number = ++this.inodes;
    return {
      data: Buffer.alloc(0),
      synced: null,
      changes: 0,
      number,
      mode,
      uid: 7,
      gid: 7,
      link: null,
    };
  }

  private dirStamp(dir: string): string {
    return this.paths()
      .filter((path) => dirname(path) === dir)
      .join();
  }
}

function stampOf({ number, changes, data }: Inode): string {
  return [number, changes, data.length].join('.');
}

const DIRECTORY = { size: 0, changedAt: 0, isFile: false, mode: 0o700, uid: 7, gid: 7 };

export function fault(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}
