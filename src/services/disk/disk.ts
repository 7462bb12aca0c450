/** What a path holds, as far as keeping it whole needs to know. */
export interface FileFacts {
  /** Differs whenever the content may differ: device, inode, size and time of change. */
  stamp: string;
  size: number;
  /** ms since the epoch. */
  changedAt: number;
  isFile: boolean;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
}

export interface Owner {
  uid: number;
  gid: number;
}

export interface OpenFile {
  write(data: Uint8Array): Promise<void>;
  setOwner(uid: number, gid: number): Promise<void>;
  setMode(mode: number): Promise<void>;
  /** Resolves when the content would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file system, call by call, so that tests can end the program between any two of them. Errors
 * are those of Node (`code` is ENOENT, ENOSPC, …); what is not there is null where the type says so.
 */
export interface Disk {
  /** Following symlinks. */
  facts(path: string): Promise<FileFacts | null>;
  read(path: string): Promise<Buffer | null>;
  /** `create` fails where there is something; `append` creates. */
  open(path: string, how: 'create' | 'append', mode: number): Promise<OpenFile>;
  /** Names in a directory; none where it does not exist. */
  list(dir: string): Promise<string[]>;
  /** One level; that it is there already is fine. */
  makeDir(path: string, mode: number, owner: Owner | null): Promise<void>;
  /**
   * Whom a new file in `dir` should belong to: to the owner of `dir`, where this process is root and
   * could leave something behind that the owner cannot read. Null: to whoever makes it.
   */
  ownerFor(dir: string): Promise<Owner | null>;
  rename(from: string, to: string): Promise<void>;
  /** Renames only while `to` still has this stamp (null: is not there), with no time in between. */
  renameOver(from: string, to: string, stamp: string | null): Promise<boolean>;
  /** Nothing to remove is fine. */
  remove(path: string): Promise<void>;
  /** After this, names made, changed or removed in `dir` survive a power cut. */
  syncDir(dir: string): Promise<void>;
  /** The file that `path` stands for; null where it, or what it points to, does not exist. */
  realPath(path: string): Promise<string | null>;
  /** A symlink with any text; false where the path is taken. */
  makeLink(text: string, path: string): Promise<boolean>;
  readLink(path: string): Promise<{ text: string; madeAt: number } | null>;
}
