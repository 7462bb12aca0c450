import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { ExternalError, UsageError } from '../../errors.ts';
import { formatAddress } from './address.ts';
import { type ConfigOptions, type HostConfig, resolveHost } from './config.ts';
import { connectError } from './errors.ts';
import { Limit } from './limit.ts';
import { type Link, type LogInContext, logIn, prepare } from './link.ts';

const MOST_JUMPS = 8;
// Node's 250 ms would give up on the first of a host's addresses when it is an ocean away.
const NEXT_ADDRESS_MS = 3_000;

export interface DialContext extends LogInContext {
  config: ConfigOptions;
  connectTimeoutMs: number;
  /** Ends all dialling. */
  closing: AbortSignal;
}

/** Connects to `host`, through the hosts it is configured to be reached by. */
export async function dial(host: HostConfig, context: DialContext, depth = 0): Promise<Link> {
  if (depth > MOST_JUMPS) throw loop(host);
  const hop = host.jumps.at(-1);
  const through =
    hop === undefined ? null : await dial(via(hop, host, context), context, depth + 1);
  const limit = new Limit(context.connectTimeoutMs, context.closing);
  try {
    const way = await prepare(host, context, limit);
    const stream = through ? await forward(through, host, limit) : await open(host, limit);
    // Nothing may be awaited in between: what the stream says first would be missed.
    const link = await logIn(way, stream, limit.signal);
    if (through) link.client.once('close', () => through.end());
    return link;
  } catch (error) {
    through?.end();
    throw error;
  } finally {
    limit.end();
  }
}

/** The last jump; what is left of the list leads to it, else its own configuration does. */
function via(hop: string, host: HostConfig, context: DialContext): HostConfig {
  const config = resolveHost(hop, context.config);
  const before = host.jumps.slice(0, -1);
  return before.length > 0 ? { ...config, jumps: before } : config;
}

function open(host: HostConfig, limit: Limit): Promise<Duplex> {
  const socket = connect({
    host: host.host,
    port: host.port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  });
  return new Promise((resolve, reject) => {
    const onAbort = () => socket.destroy(limit.signal.reason as Error);
    limit.signal.addEventListener('abort', onAbort, { once: true });
    const settled = () => limit.signal.removeEventListener('abort', onAbort);
    socket.on('error', (error) => {
      settled();
      reject(connectError(error, formatAddress(host.user, host.host, host.port)));
    });
    socket.once('connect', () => {
      settled();
      resolve(socket);
    });
    if (limit.signal.aborted) onAbort();
  });
}

function forward(through: Link, host: HostConfig, limit: Limit): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const target = formatAddress(host.user, host.host, host.port);
    const onAbort = () => reject(connectError(limit.signal.reason, target));
    limit.signal.addEventListener('abort', onAbort, { once: true });
    through.client.forwardOut('127.0.0.1', 0, host.host, host.port, (error, channel) => {
      limit.signal.removeEventListener('abort', onAbort);
      if (error) return reject(jumpFailed(through.where, target, error));
      resolve(channel);
    });
  });
}

function jumpFailed(hop: string, target: string, cause: Error): ExternalError {
  return new ExternalError({
    code: 'ssh-jump-failed',
    message: `${target} cannot be reached through ${hop}.`,
    why: cause.message.replace(/^\(SSH\) /, ''),
    next: `Check from ${hop} that the machine answers, and that AllowTcpForwarding is on there.`,
    cause,
  });
}

function loop(host: HostConfig): UsageError {
  return new UsageError({
    code: 'ssh-jump-loop',
    message: `The way to ${host.host} goes through more than ${MOST_JUMPS} machines.`,
    why: 'ProxyJump lines of the SSH configuration lead in a circle.',
    next: 'Mend ProxyJump in ~/.ssh/config.',
  });
}
