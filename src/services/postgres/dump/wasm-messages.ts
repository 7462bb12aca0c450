import type { MessagePort } from 'node:worker_threads';

/** What the worker is started with. */
export interface WorkerStart {
  args: string[];
  /** ParameterStatus values of the session that it speaks through. */
  parameters: Record<string, string>;
  port: MessagePort;
  /** One Int32: 1 when an answer lies in `port`. */
  flag: SharedArrayBuffer;
}

/** From the worker: bytes for the server, and how many ReadyForQuery to wait for. */
export interface Exchange {
  bytes: Uint8Array;
  rounds: number;
}

/** What the worker ends with. */
export type WorkerEnd = { text: string } | { failed: string };
