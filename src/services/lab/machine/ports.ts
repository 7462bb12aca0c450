import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A port of 127.0.0.1 that was free just now: `wanted`, or one that the system picks. */
export async function freePort(wanted: number | null = null): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted ?? 0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    if (wanted === null) throw error;
    return freePort();
  } finally {
    server.close();
  }
}
