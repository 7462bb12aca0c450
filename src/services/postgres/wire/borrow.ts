import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import { RereadingSocket } from './socket.ts';

/** The bytes of a session, while the driver is idle and looks away. */
export interface Borrowed {
  stream: Duplex;
  /** What the driver makes of it, for messages that are none of the borrower's; whole ones only. */
  toDriver(bytes: Buffer): void;
  /** Only when the server is ready for the next query again. */
  giveBack(): void;
}

/**
 * Takes over what the server sends: nothing reaches the driver until it is given back. A chunk is
 * overwritten by the next one, which comes when `onData` has returned and the stream is not paused.
 */
export function borrowStream(client: Client, onData: (chunk: Buffer) => void): Borrowed {
  // Not in the driver's types: plain, or TLS around the plain one.
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  const readers = stream.listeners('data') as Array<(chunk: Buffer) => void>;
  stream.removeAllListeners('data');
  stream.on('data', onData);
  lend(stream, true);
  const giveBack = () => {
    lend(stream, false);
    stream.removeListener('data', onData);
    for (const reader of readers) stream.on('data', reader);
  };
  const toDriver = (bytes: Buffer) => {
    for (const reader of readers) reader(bytes);
  };
  return { stream, toDriver, giveBack };
}

function lend(stream: Duplex, lent: boolean): void {
  if (stream instanceof RereadingSocket) stream.lent = lent;
}
