import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a connection through the proxy breaks, the first time that a client sends `trigger`. */
export type Cut = 'before-it-arrives' | 'while-it-works' | 'before-the-answer';

/** Stands between a client and a server on 127.0.0.1, and lets everything pass until it is told to cut. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: { cut: Cut; trigger: string } | null = null;

  constructor(port: number) {
    this.#server = createServer((client) => this.#pass(client, connect(port, '127.0.0.1')));
  }

  /** @returns its port */
  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  cutOnce(cut: Cut, trigger: string): void {
    this.#cut = { cut, trigger };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(client: Socket, server: Socket): void {
    let mute = false;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!mute) other.destroy();
      });
    }
    client.on('data', (bytes) => {
      const now = this.#cut && bytes.includes(this.#cut.trigger) ? this.#cut.cut : null;
      if (now) this.#cut = null;
      if (now !== 'before-it-arrives') server.write(bytes);
      mute ||= now !== null;
      if (now && now !== 'before-the-answer') client.destroy();
    });
    server.on('data', (bytes) => {
      if (mute) client.destroy();
      else client.write(bytes);
    });
  }
}
