import type { Duplex } from 'node:stream';

export interface RunOptions {
  signal: AbortSignal;
  timeoutMs: number;
  input?: string | Uint8Array;
  /** Bytes of output kept; the command is ended past it. Default 16 MiB. */
  maxBytes?: number;
}

export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A machine that commands run on: this one, or one behind SSH. */
export interface Executor {
  /** `local`, or user@host:port. */
  readonly address: string;
  /** Never through a shell: arguments arrive as they are. A non-zero exit is a result, not an error. */
  run(command: readonly string[], options: RunOptions): Promise<RunResult>;
  readFile(path: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Temporary file, sync, rename. */
  writeFile(path: string, data: Uint8Array, mode: number, signal: AbortSignal): Promise<void>;
  /** A stream to a unix socket on that machine. */
  connectUnix(path: string, signal: AbortSignal): Promise<Duplex>;
  close(): Promise<void>;
}
