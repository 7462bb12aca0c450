import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

/** Names for the history. */
export interface Who {
  author: string;
  host: string;
  /** The user that a file belongs to. */
  nameOf(uid: number): string;
}

export function thisUser(): Who {
  return {
    author: process.env.SUDO_USER || ownName(),
    host: hostname(),
    nameOf,
  };
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that no user has.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

function nameOf(uid: number): string {
  if (uid === process.getuid?.()) return ownName();
  try {
    const users = readFileSync('/etc/passwd', 'utf8').split('\n');
    const found = users.find((line) => line.split(':')[2] === String(uid));
    return found?.split(':')[0] ?? `uid ${uid}`;
  } catch {
    return `uid ${uid}`;
  }
}
