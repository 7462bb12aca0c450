import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { CancelledError, ExternalError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import type { Executor } from '../../ports/executor.ts';
import { formatAddress } from './address.ts';
import { type ConfigOptions, resolveHost } from './config.ts';
import type { AskPassphrase } from './keys.ts';
import { pinsFile } from './pin.ts';
import type { Open, Session } from './session.ts';

export interface SshOptions extends ConfigOptions {
  /** The project whose pinned host keys count; null where there is none. */
  projectDir: string | null;
  /** Without it, encrypted keys are used through an agent only. */
  passphrase?: AskPassphrase | undefined;
  /** For each machine on the way. Default 15 s. */
  connectTimeoutMs?: number | undefined;
  /** Sessions open at once; below sshd's MaxSessions, which is 10 unless set. Default 8. */
  sessions?: number | undefined;
}

const CONNECT_MS = 15_000;
const SESSIONS = 8;
const OPEN_SOCKET_MS = 15_000;

/**
 * A machine behind SSH. Nothing happens until the first call, which connects; after a loss the next
 * call connects again. Its calls fail with HostKeyUnknownError while no one has pinned its key.
 */
export function openSsh(address: string, options: SshOptions): Executor {
  const where = label(address, options);
  const closing = new AbortController();
  let session: Promise<Session> | null = null;
  // ssh2 takes a while to load and is needed only now.
  const open = () => {
    session ??= import('./session.ts').then(
      (ssh) => new ssh.Session(address, where, context(options, closing.signal), limitOf(options)),
    );
    return session;
  };
  return {
    address: where,
    async run(command, runOptions) {
      const { exec } = await import('./exec.ts');
      const result = await exec(await open(), command, runOptions);
      const [stdout, stderr] = [result.stdout.toString('utf8'), result.stderr.toString('utf8')];
      return { exitCode: result.exitCode, stdout, stderr };
    },
    async readFile(path, signal) {
      const { readRemote } = await import('./files.ts');
      return readRemote(await open(), path, signal);
    },
    async writeFile(path, data, mode, signal) {
      const { writeRemote } = await import('./files.ts');
      await writeRemote(await open(), path, data, mode, signal);
    },
    async connectUnix(path, signal) {
      return connectUnix(await open(), path, signal);
    },
    async close() {
      closing.abort(new CancelledError());
      (await session)?.close();
    },
  };
}

const limitOf = (options: SshOptions) => options.sessions ?? SESSIONS;

function context(options: SshOptions, closing: AbortSignal) {
  return {
    config: options,
    pins: pinsFile(options.projectDir, options.home),
    opened: new Map(),
    ask: options.passphrase,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_MS,
    closing,
  };
}

/** A configuration that is wrong is said by the first call, not by opening. */
function label(address: string, options: SshOptions): string {
  try {
    const { user, host, port } = resolveHost(address, options);
    return formatAddress(user, host, port);
  } catch {
    return address;
  }
}

async function connectUnix(session: Session, path: string, signal: AbortSignal): Promise<Duplex> {
  const [{ SocketStream }, { notOpened }, { isRefusal }] = await Promise.all([
    import('./socket-stream.ts'),
    import('./exec.ts'),
    import('./session.ts'),
  ]);
  const limit = timeLimit(OPEN_SOCKET_MS, signal);
  try {
    const dial: Open<ClientChannel> = ({ client }, answer) => {
      client.openssh_forwardOutStreamLocal(path, (error, channel) =>
        answer(error ?? null, channel),
      );
    };
    const { made, link } = await session.openChannel(dial, limit);
    return new SocketStream(made, link);
  } catch (error) {
    if (limit.aborted || !isRefusal(error)) throw notOpened(error, limit, session.where);
    const { message } = error as Error;
    throw new ExternalError({
      code: 'socket-unreachable',
      message: `The socket ${path} on ${session.where} cannot be reached.`,
      why: `Nothing listens on it, this user may not use it, or sshd forbids it (${message.replace(/^\(SSH\) /, '')}).`,
      next: 'Check that the service runs, the user’s groups there, and AllowStreamLocalForwarding in sshd_config.',
      cause: error,
    });
  }
}
