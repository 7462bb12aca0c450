import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ExternalError, UsageError } from '../../../errors.ts';
import { isAlive, myself, type ProcessIdentity } from '../machine/identity.ts';
import { RUNTIME_PREFIX } from '../machine/registry.ts';
import { canReach, type ServerUser } from '../machine/user.ts';

/** The limit is 104 bytes on macOS; `control/socket` and the random part are still to come. */
const LONGEST_BASE = 64;
const DATA = 'lab-data';

/** Where a lab keeps its things. */
export interface Home {
  /** The project directory. */
  project: string;
  /** The servers' data. */
  data: string;
  env: string;
  settings: string;
  /** Tells others that a lab runs here, and how to reach it. */
  labFile: string;
}

/** What .portsync/lab.json says. */
export interface LabFile extends ProcessIdentity {
  /** Its control socket; null until the lab is ready. */
  control: string | null;
}

export function homeAt(project: string): Home {
  return {
    project,
    data: join(project, DATA),
    env: join(project, '.env'),
    settings: join(project, 'portsync.yaml'),
    labFile: join(project, '.portsync', 'lab.json'),
  };
}

/** A directory for what ends with the lab, that `user` may enter. */
export async function makeRuntime(user: ServerUser, signal: AbortSignal): Promise<string> {
  for (const base of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    if (base.length > LONGEST_BASE || !(await canReach(user, base, signal))) continue;
    const dir = await mkdtemp(join(base, RUNTIME_PREFIX)).catch(() => null);
    if (!dir) continue;
    await letIn(user, dir);
    return dir;
  }
  throw new ExternalError({
    code: 'no-temporary-directory',
    message: 'The lab found no temporary directory.',
    why: `${tmpdir()} cannot be written, is too long for a socket, or shuts ${user?.name ?? 'us'} out.`,
    next: 'Set TMPDIR to a short path that all may enter, such as /tmp.',
  });
}

/**
 * Makes `project` a lab's directory, or takes up the one that it is.
 * @throws UsageError when it holds other things, a running lab, or is out of `user`'s reach.
 */
export async function prepareHome(
  project: string,
  user: ServerUser,
  signal: AbortSignal,
): Promise<Home> {
  const home = homeAt(resolve(project));
  await mkdir(home.project, { recursive: true, mode: 0o700 });
  const names = await readdir(home.project);
  if (names.length > 0 && !names.includes(DATA)) throw notALab(home.project);
  await mkdir(home.data, { recursive: true, mode: 0o700 });
  for (const dir of [home.project, home.data]) await letIn(user, dir);
  if (!(await canReach(user, home.data, signal))) throw outOfReach(home.data, user?.name ?? '');
  await mkdir(join(home.project, '.portsync'), { recursive: true, mode: 0o700 });
  await claim(home.labFile);
  return home;
}

export async function readLabFile(file: string): Promise<LabFile | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

/** One lab to a directory: whoever makes the file has it, until it goes. */
async function claim(file: string): Promise<void> {
  const claimed: LabFile = { ...myself(), control: null };
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify(claimed), { mode: 0o600 });
  try {
    // A link appears with all that is in it, and never takes the place of another file.
    while (!(await link(own, file).then(isDone, isTaken))) {
      const other = await readLabFile(file);
      if (other && isAlive(other)) throw alreadyRunning(file, other.pid);
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

const isDone = () => true;

function isTaken(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

/** `user` may pass through on the way to what is its own; nothing else changes. */
async function letIn(user: ServerUser, dir: string): Promise<void> {
  if (user) await chmod(dir, ((await stat(dir)).mode & 0o777) | 0o011);
}

function notALab(dir: string): UsageError {
  return new UsageError({
    code: 'not-a-lab',
    message: `The lab was not started in ${dir}.`,
    why: 'The directory holds other things.',
    next: 'Name an empty or a new directory, or that of an earlier lab.',
  });
}

function alreadyRunning(file: string, pid: number): UsageError {
  return new UsageError({
    code: 'lab-running',
    message: 'A lab runs in this directory already.',
    why: `${file} names process ${pid}, which is alive.`,
    next: `Watch it with portsync tui, or end it: kill ${pid}`,
  });
}

function outOfReach(dir: string, user: string): UsageError {
  return new UsageError({
    code: 'out-of-reach',
    message: `The lab's servers cannot keep their data in ${dir}.`,
    why: `They do not run as root but as ${user}, who may not enter one of its directories.`,
    next: 'Choose a directory that all may pass through, such as /srv/lab.',
  });
}
