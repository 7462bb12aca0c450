import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Executor } from '../../ports/executor.ts';
import { addressText, DEFAULT_SOCKET, type EngineAddress, type TlsSource } from './address.ts';
import { EngineApi } from './api.ts';
import { type Dial, dialTcp, dialUnix, type Tls } from './dial.ts';
import { type ReadFiles, readFilesOver, readLocalFiles } from './read-files.ts';

/** One Docker engine. Nothing is connected before the first call. */
export interface Engine {
  /** `local`, or its URL. */
  readonly id: string;
  /** The node that its containers run on. */
  readonly node: string;
  readonly api: EngineApi;
  /** Reads files of its machine; null where that is out of reach. */
  readonly files: ReadFiles | null;
  close(): void;
}

/** Gives the one connection to a machine, which is open, or opens with its first call. */
export type Ssh = (address: string) => Executor | Promise<Executor>;

export function openEngine(address: EngineAddress, node: string, ssh: Ssh): Engine {
  const local = address.kind === 'unix' && address.path === DEFAULT_SOCKET;
  const text = addressText(address);
  const api = new EngineApi(address.kind === 'unix' ? address.path : text, dialOf(address, ssh));
  const files = filesOf(address, ssh);
  return { id: local ? 'local' : text, node, api, files, close: () => api.close() };
}

function dialOf(address: EngineAddress, ssh: Ssh): Dial {
  switch (address.kind) {
    case 'unix':
      return dialUnix(address.path);
    case 'tcp': {
      const { host, port, tls } = address;
      return dialTcp(host, port, tls && (() => readTls(tls)));
    }
    case 'ssh':
      return async (signal) => (await ssh(address.address)).connectUnix(address.path, signal);
    case 'unusable':
      return async () => {
        throw new UsageError({
          code: 'engine-address',
          message: `${address.text} does not name a Docker engine that PortSync can reach.`,
          why: 'It understands unix://, tcp:// and ssh://.',
          next: 'Mend DOCKER_HOST or the docker context, and start again.',
        });
      };
  }
}

function filesOf(address: EngineAddress, ssh: Ssh): ReadFiles | null {
  if (address.kind === 'ssh') return readFilesOver(() => ssh(address.address));
  return address.kind === 'unix' && process.platform === 'linux' ? readLocalFiles : null;
}

async function readTls({ dir, verify }: TlsSource): Promise<Tls> {
  const read = (name: string) => readFile(join(dir, name), 'utf8').catch(() => undefined);
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(read));
  return { ca, cert, key, verify };
}
