import type { AnyAuthMethod } from 'ssh2';
import { agentKeys } from './agent.ts';
import type { HostConfig } from './config.ts';
import { type AskPassphrase, loadKey, type OpenedKeys, publicHalf } from './keys.ts';

/** What was offered to a server and what could not be, for the error that follows a refusal. */
export interface Trail {
  tried: string[];
  skipped: string[];
  /** Methods the server would take. */
  accepts: string[];
}

/** The ways to log in to `host`, in the order ssh takes: the agent's keys, then the key files. */
export async function* logins(
  host: HostConfig,
  trail: Trail,
  opened: OpenedKeys,
  ask: AskPassphrase | undefined,
): AsyncGenerator<AnyAuthMethod> {
  const username = host.user;
  // Refused everywhere; the answer lists the methods that are accepted.
  yield { type: 'none', username };
  const halves = await Promise.all(host.keyFiles.map(publicHalf));
  const offered = yield* fromAgent(host, halves, trail);
  for (const [at, file] of host.keyFiles.entries()) {
    const half = halves[at];
    if (half && offered.some((key) => key.equals(half))) continue;
    const loaded = await loadKey(file, opened, ask);
    if ('missing' in loaded) trail.skipped.push(`${file}: not there`);
    if ('problem' in loaded) trail.skipped.push(`${file}: ${loaded.problem}`);
    if (!('key' in loaded)) continue;
    trail.tried.push(file);
    yield { type: 'publickey', username, key: loaded.key };
  }
}

async function* fromAgent(
  host: HostConfig,
  halves: ReadonlyArray<Buffer | null>,
  trail: Trail,
): AsyncGenerator<AnyAuthMethod, Buffer[]> {
  if (!host.agent) {
    trail.skipped.push('agent: none is running (SSH_AUTH_SOCK is not set)');
    return [];
  }
  const preferred = halves.filter((half) => half !== null);
  const found = await agentKeys(host.agent, preferred, host.keyFilesOnly).catch(() => null);
  if (!found) trail.skipped.push(`agent: no answer on ${host.agent}`);
  else if (found.keys.length === 0) trail.skipped.push('agent: it has no key for this host');
  else {
    trail.tried.push(...found.labels);
    yield { type: 'agent', username: host.user, agent: found.agent };
  }
  return found?.keys ?? [];
}
