import type { Duplex } from 'node:stream';

export interface RunOptions {
  signal: AbortSignal;
  timeoutMs: number;
  input?: string | Uint8Array;
  /** Most bytes of stdout, and of stderr; past it the command is ended and the call fails. Default 16 MiB. */
  maxBytes?: number;
}

export interface RunResult {
  /** As a shell counts: 127 where there is no such program, 128 and the signal's number. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * A machine that commands run on: this one, or one behind SSH. Everything rejects with a
 * PortSyncError; what was started is ended before the call that was aborted or timed out rejects.
 */
export interface Executor {
  /** `local`, or user@host:port. */
  readonly address: string;
  /** Never through a shell: arguments arrive as they are. A non-zero exit is a result, not an error. */
  run(command: readonly string[], options: RunOptions): Promise<RunResult>;
  readFile(path: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Temporary file, sync, rename. */
  writeFile(path: string, data: Uint8Array, mode: number, signal: AbortSignal): Promise<void>;
  /** A stream to a unix socket on that machine; `signal` ends the opening only. */
  connectUnix(path: string, signal: AbortSignal): Promise<Duplex>;
  close(): Promise<void>;
}
