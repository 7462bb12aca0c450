import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RereadingSocket } from '../../src/services/postgres/wire/socket.ts';

const SENT = randomBytes(3_000_000);

describe('A socket that reads into one buffer', () => {
  let server: Server;
  let socket: RereadingSocket;
  afterEach(() => {
    socket.destroy();
    server.close();
  });

  async function connect(): Promise<void> {
    server = createServer((peer) => peer.on('error', () => {}).end(SENT));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    socket = new RereadingSocket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
  }

  it('gives chunks that stay as they are', async () => {
    await connect();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).equals(SENT)).toBe(true);
  });

  it('gives views of that buffer to who is done with them at once, and none while it is paused', async () => {
    await connect();
    socket.lent = true;
    const [chunks, buffers] = [[] as Buffer[], new Set<ArrayBufferLike>()];
    let paused = false;
    socket.on('data', (chunk: Buffer) => {
      expect(paused).toBe(false);
      chunks.push(Buffer.from(chunk));
      buffers.add(chunk.buffer);
      paused = true;
      socket.pause();
      setImmediate(() => {
        paused = false;
        socket.resume();
      });
    });
    await once(socket, 'close');
    expect(Buffer.concat(chunks).equals(SENT)).toBe(true);
    expect(buffers.size).toBe(1);
  });
});
