import { ExternalError } from '../../../errors.ts';

/** Who runs the database servers. Null: the person who started the lab. */
export type ServerUser = { name: string; uid: number; gid: number } | null;

const CANDIDATES = ['postgres', 'nobody'];

/** PostgreSQL refuses to run as root, and is right: root lends it to a user without rights. */
export async function serverUser(signal: AbortSignal): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return null;
  for (const name of CANDIDATES) {
    const [uid, gid] = await Promise.all([idOf('-u', name, signal), idOf('-g', name, signal)]);
    if (uid !== null && gid !== null) return { name, uid, gid };
  }
  throw new ExternalError({
    code: 'no-server-user',
    message: 'The lab found no user to run its database servers.',
    why: `They must not run as root, and none of ${CANDIDATES.join(', ')} exists.`,
    next: 'Start the lab as a normal user, or create the user postgres.',
  });
}

/** `spawn` options that make a process run as `user`. */
export function runAs(user: ServerUser): { uid?: number; gid?: number } {
  return user ? { uid: user.uid, gid: user.gid } : {};
}

/** Whether `user` may run the file, or enter the directory, at `path`. */
export async function canReach(
  user: ServerUser,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!user) return true;
  const { execa } = await import('execa');
  const options = { ...runAs(user), reject: false, cancelSignal: signal, cwd: '/' } as const;
  const { exitCode } = await execa('test', ['-x', path], options);
  return exitCode === 0;
}

async function idOf(flag: string, name: string, cancelSignal: AbortSignal) {
  const { execa } = await import('execa');
  const { stdout, exitCode } = await execa('id', [flag, name], { reject: false, cancelSignal });
  return exitCode === 0 && /^\d+$/.test(stdout) ? Number(stdout) : null;
}
