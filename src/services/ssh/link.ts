import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client, type ConnectConfig } from 'ssh2';
import { formatAddress } from './address.ts';
import { logins, type Trail } from './auth.ts';
import type { HostConfig } from './config.ts';
import { authError, connectError } from './errors.ts';
import { hostKeyProblem, readKnownHosts } from './host-key.ts';
import type { AskPassphrase, OpenedKeys } from './keys.ts';
import { hostKeyAlgorithms, knownHostName } from './known-hosts.ts';
import type { Limit } from './limit.ts';

// A peer that went silent is noticed after 20 s at the latest.
const KEEPALIVE_MS = 5_000;
const KEEPALIVES_MISSED = 3;

/** One authenticated connection. */
export interface Link {
  client: Client;
  /** user@host:port. */
  where: string;
  lost: boolean;
  /** Ends it at once. Whatever waits on it fails. */
  end(): void;
}

export interface LogInContext {
  /** The file of keys that were accepted in PortSync. */
  pins: string;
  opened: OpenedKeys;
  ask: AskPassphrase | undefined;
}

/** How to log in to one host; made before the stream to it is, which must not wait for files. */
export interface LogIn {
  where: string;
  config: ConnectConfig;
  trail: Trail;
  /** Why the host's key was not accepted. */
  refusal(): Error | null;
}

/**
 * Checks the host's key and logs in, over a stream that is open already.
 * @throws ExternalError, translated; the stream is destroyed then.
 */
export async function logIn(way: LogIn, stream: Duplex, signal: AbortSignal): Promise<Link> {
  const { where, trail } = way;
  const client = new ssh2.Client();
  const end = () => {
    client.end();
    stream.destroy();
  };
  const link: Link = { client, where, lost: false, end };
  client.on('close', () => {
    link.lost = true;
  });
  try {
    await ready(client, { ...way.config, sock: stream as never }, signal);
  } catch (error) {
    stream.destroy();
    const refusal = way.refusal();
    if (refusal) throw refusal;
    throw isAuthFailure(error) ? authError(trail, where, error) : connectError(error, where);
  }
  return link;
}

/** Reads what is known of the host, and decides how to log in. */
export async function prepare(
  host: HostConfig,
  context: LogInContext,
  limit: Limit,
): Promise<LogIn> {
  const { pins, opened, ask } = context;
  const askPaused = ask && ((file: string, again: boolean) => limit.paused(() => ask(file, again)));
  const name = knownHostName(host.host, host.port, host.keyAlias);
  const known = await readKnownHosts([...new Set([...host.knownHosts, pins])]);
  const trail: Trail = { tried: [], skipped: [], accepts: [] };
  const ways = logins(host, trail, opened, askPaused);
  let refusal: Error | null = null;
  const config: ConnectConfig = {
    username: host.user,
    readyTimeout: 0,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVES_MISSED,
    algorithms: { serverHostKey: hostKeyAlgorithms(known, name) as never },
    // Also called at every later exchange of keys.
    hostVerifier: (key: Buffer) => {
      refusal = hostKeyProblem(known, name, key);
      return refusal === null;
    },
    authHandler: (left, _partial, next) => {
      const offer = next as (way: AnyAuthMethod | false) => void;
      if (left) trail.accepts = left;
      // Reading keys is slow and may fail; ssh2 takes the answer whenever it comes.
      const proceed = left === null || left.includes('publickey');
      const after = proceed ? ways.next() : Promise.resolve({ done: true as const });
      after.then(
        (step) => offer(step.done ? false : step.value),
        () => offer(false),
      );
    },
  };
  const where = formatAddress(host.user, host.host, host.port);
  return { where, config, trail, refusal: () => refusal };
}

function ready(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null;
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    client.on('error', (error: Error & { level?: string }) => {
      // A key that cannot sign is followed by the next one.
      if (error.level === 'agent' || /signing/i.test(error.message)) return;
      failure ??= error;
      reject(error);
    });
    client.once('close', () => reject(failure ?? new Error('The server hung up.')));
    client.once('ready', () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    client.connect(config);
  });
}

function isAuthFailure(error: unknown): boolean {
  const { level, message } = error as Error & { level?: string };
  return level === 'client-authentication' || /too many authentication/i.test(message);
}
