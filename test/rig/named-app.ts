import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Behaviour = (req: IncomingMessage, res: ServerResponse, body: string) => void;

/** A replica that answers its own name, unless told to behave otherwise; echoes on WebSockets. */
export class NamedApp {
  readonly name: string;
  /** Every request that arrived: method and path. */
  readonly seen: string[] = [];
  readonly #server: Server;
  behave!: Behaviour;

  constructor(name: string) {
    this.name = name;
    this.forget();
    this.#server = createServer(async (req, res) => {
      if (req.url === '/api/ready') return void res.end();
      this.seen.push(`${req.method} ${req.url}`);
      let body = '';
      for await (const chunk of req) body += chunk;
      this.behave(req, res, body);
    });
    this.#server.on('upgrade', ({ headers }, socket: Socket) => {
      socket.on('error', () => {});
      const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      const head = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
      ];
      socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
      socket.on('data', (data) => socket.write(`${name} heard ${data}`));
    });
  }

  forget(): void {
    this.seen.length = 0;
    this.behave = (_req, res) => res.end(this.name);
  }

  /** Answers its port. */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
