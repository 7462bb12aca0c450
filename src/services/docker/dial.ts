import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';

const CONNECT_LIMIT_MS = 10_000;

/** Opens one connection to an engine. */
export type Dial = (signal: AbortSignal) => Promise<Duplex>;

export interface Tls {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  verify: boolean;
}

export function dialUnix(path: string): Dial {
  return (signal) => connected(connect(path), 'connect', signal);
}

export function dialTcp(host: string, port: number, readTls: (() => Promise<Tls>) | null): Dial {
  return async (signal) => {
    if (!readTls) return connected(connect(port, host), 'connect', signal);
    const [tls, { verify, ...files }] = await Promise.all([import('node:tls'), readTls()]);
    const servername = /^[\d.:]+$/.test(host) ? {} : { servername: host };
    const socket = tls.connect({ host, port, ...servername, ...files, rejectUnauthorized: verify });
    return connected(socket, 'secureConnect', signal);
  };
}

function connected(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', settle);
      if (!error) return resolve(socket);
      socket.on('error', () => {}).destroy();
      reject(error);
    };
    const onAbort = () => settle(signal.reason as Error);
    socket.once('error', settle).once(event, () => settle());
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

/** Lets Node's HTTP client, which keeps connections for the next request, run over any dial. */
export class DialAgent extends Agent {
  readonly #dial: Dial;

  constructor(dial: Dial) {
    super({ keepAlive: true, maxSockets: 32 });
    this.#dial = dial;
  }

  /** docker-modem prints every request for its debug log, wanted or not, the sockets of this too. */
  [inspect.custom](): string {
    return 'DialAgent';
  }

  override createConnection(
    _: ClientRequestArgs,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#dial(AbortSignal.timeout(CONNECT_LIMIT_MS)).then(
      (stream) => done?.(null, asSocket(stream)),
      (error: Error) => done?.(error, undefined as never),
    );
  }
}

/** What the HTTP client calls on a socket, and a channel of an SSH connection does not have. */
function asSocket(stream: Duplex): Duplex {
  const socket = stream as Duplex & Record<string, unknown>;
  for (const name of ['setKeepAlive', 'setNoDelay', 'setTimeout', 'ref', 'unref']) {
    socket[name] ??= () => socket;
  }
  socket.destroySoon ??= () => socket.end(() => socket.destroy());
  return socket;
}
