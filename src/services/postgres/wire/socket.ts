import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

const READ_BYTES = 256 * 1024;

/**
 * A plain socket that reads as much as there is into one buffer, again and again: by itself Node reads
 * 64 KB at most, into memory that is new each time. Not for TLS, which takes the bytes from below.
 */
export class RereadingSocket extends Socket {
  /** Whether listeners to `data` are done with a chunk when they return; others get one of their own. */
  lent = false;

  constructor() {
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (count, buffer) => this.#arrived(count, buffer as Buffer),
    };
    super({ onread } as SocketConstructorOpts);
  }

  #arrived(count: number, buffer: Buffer): boolean {
    const chunk = buffer.subarray(0, count);
    this.emit('data', this.lent ? chunk : Buffer.from(chunk));
    return true;
  }
}
