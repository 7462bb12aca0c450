import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { connectionLost } from './errors.ts';
import type { Link } from './link.ts';

/** A forwarded connection that behaves as a socket does, so that HTTP clients can use it. */
export class SocketStream extends Duplex {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel, link: Link) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    // A lost connection ends its channels as if the other side had said all that it had to say.
    const over = (whole: () => void) => () =>
      link.lost ? this.destroy(connectionLost(link.where)) : whole();
    channel.on(
      'end',
      over(() => this.push(null)),
    );
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on(
      'close',
      over(() => this.destroy()),
    );
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#channel.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.close();
    done(error);
  }

  // What http.Agent and docker clients call on every socket, and what has no meaning here.
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
