import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { haproxyNeed, startHaproxy, type TestEdge } from '../rig/haproxy.ts';
import { NamedApp } from '../rig/named-app.ts';
import { describeWith } from '../rig/needs.ts';

describeWith(haproxyNeed, 'HAProxy with a certificate', () => {
  const app = new NamedApp('app');
  let dir: string;
  let haproxy: TestEdge;
  let port: number;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'portsync-test-tls-'));
    port = await freePort();
    const https = { bind: `127.0.0.1:${port}`, certificate: await makeCertificate(dir) };
    haproxy = await startHaproxy({ blue: [await app.listen()], green: [1] }, { https });
    await haproxy.edge.sees('blue', 1, AbortSignal.timeout(30_000));
    app.behave = (req, res) => res.end(req.headers['x-forwarded-proto']);
  });

  afterAll(async () => {
    await haproxy?.close();
    app.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('speaks HTTP/2, and tells the app that the client came over TLS', async () => {
    const ca = await readFile(join(dir, 'cert.pem'));
    const client = connect(`https://localhost:${port}`, { ca });
    expect(await text(client.request({ ':path': '/' }))).toBe('https');
    expect(client.alpnProtocol).toBe('h2');
    client.close();
  });

  it('sends whoever comes without TLS there, with the method and body they came with', async () => {
    const status = await new Promise((resolve, reject) => {
      const req = request(haproxy.url, { method: 'POST', agent: false }, (res) => {
        res.resume();
        resolve([res.statusCode, res.headers.location]);
      });
      req.on('error', reject).end('x');
    });
    expect(status).toEqual([308, expect.stringMatching(/^https:\/\//)]);
  });
});

async function makeCertificate(dir: string): Promise<string> {
  const [key, cert, both] = ['key.pem', 'cert.pem', 'both.pem'].map((name) => join(dir, name));
  const options = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2`;
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', key as string, '-out', cert as string];
  execFileSync('openssl', [...options.split(' '), ...subject, ...files], { stdio: 'ignore' });
  await writeFile(
    both as string,
    `${await readFile(cert as string)}${await readFile(key as string)}`,
  );
  return both as string;
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
