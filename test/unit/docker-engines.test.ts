import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressText, parseAddress } from '../../src/services/docker/address.ts';
import { chosenEngine } from '../../src/services/docker/docker-config.ts';
import { dockerEngines } from '../../src/services/docker/index.ts';

let home: string;
const sockets: Server[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'portsync-home-'));
});

afterEach(async () => {
  for (const server of sockets.splice(0)) server.close();
  await rm(home, { recursive: true });
});

async function write(path: string, data: object): Promise<void> {
  const file = join(home, '.docker', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(data));
}

async function socket(path: string): Promise<string> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  const server = createServer();
  sockets.push(server);
  await new Promise<void>((resolve) => server.listen(file, resolve));
  return file;
}

async function context(name: string, docker: object): Promise<string> {
  const hash = createHash('sha256').update(name).digest('hex');
  await write(`contexts/meta/${hash}/meta.json`, { Name: name, Endpoints: { docker } });
  return hash;
}

async function known(env: Record<string, string>, nodes: { name: string; address: string }[] = []) {
  const engines = await dockerEngines({ env: { HOME: home, ...env }, nodes });
  for (const engine of engines) engine.close();
  return engines
    .filter(({ id }) => id !== 'local')
    .map(({ id, node, files }) => ({ id, node, byFiles: files !== null }));
}

describe('dockerEngines', () => {
  it('names the engine of DOCKER_HOST first, then the sockets here, then the nodes', async () => {
    const rootless = await socket('run/docker.sock');
    const env = { DOCKER_HOST: 'tcp://10.0.0.9:2375', XDG_RUNTIME_DIR: dirname(rootless) };
    expect(await known(env, [{ name: 'fra-2', address: 'root@fra-2:2222' }])).toEqual([
      { id: 'tcp://10.0.0.9:2375', node: '10.0.0.9', byFiles: false },
      { id: `unix://${rootless}`, node: 'main', byFiles: process.platform === 'linux' },
      { id: 'ssh://root@fra-2:2222', node: 'fra-2', byFiles: true },
    ]);
  });

  it('takes one engine once, by whatever name', async () => {
    const path = await socket('run/docker.sock');
    await symlink(join(home, 'run'), join(home, 'link'));
    const env = {
      DOCKER_HOST: `unix://${join(home, 'link', 'docker.sock')}`,
      XDG_RUNTIME_DIR: dirname(path),
    };
    expect(await known(env)).toHaveLength(1);
    const nodes = [{ name: 'fra-2', address: 'root@fra-2' }];
    expect(await known({ DOCKER_HOST: 'ssh://root@fra-2' }, nodes)).toEqual([
      { id: 'ssh://root@fra-2', node: 'fra-2', byFiles: true },
    ]);
  });

  it('has an engine even where none is, to say so', async () => {
    const engines = await dockerEngines({ env: { HOME: home } });
    expect(engines[0]?.id).toBe('local');
    for (const engine of engines) engine.close();
  });
});

describe('chosenEngine', () => {
  it('is that of the current context, with its certificates', async () => {
    await write('config.json', { currentContext: 'far', auths: {} });
    const hash = await context('far', { Host: 'tcp://far:2376', SkipTLSVerify: false });
    await write(`contexts/tls/${hash}/docker/ca.pem`, {});
    const dir = join(home, '.docker', 'contexts', 'tls', hash, 'docker');
    expect(await chosenEngine({ HOME: home })).toEqual({
      kind: 'tcp',
      host: 'far',
      port: 2376,
      tls: { dir, verify: true },
    });
  });

  it('is none of the machine’s own for the default context, for no and for a broken file', async () => {
    expect(await chosenEngine({ HOME: home })).toBeNull();
    await write('config.json', { currentContext: 'default' });
    expect(await chosenEngine({ HOME: home })).toBeNull();
    await writeFile(join(home, '.docker', 'config.json'), '{"currentContext": ');
    expect(await chosenEngine({ HOME: home })).toBeNull();
  });

  it('is overruled by DOCKER_CONTEXT, and that by DOCKER_HOST', async () => {
    await write('config.json', { currentContext: 'a' });
    await context('b', { Host: 'ssh://b' });
    const env = { HOME: home, DOCKER_CONTEXT: 'b' };
    expect(await chosenEngine(env)).toMatchObject({ kind: 'ssh', address: 'b' });
    expect(await chosenEngine({ ...env, DOCKER_HOST: 'unix:///x' })).toEqual({
      kind: 'unix',
      path: '/x',
    });
  });

  it('says that a context is not there', async () => {
    expect(await chosenEngine({ HOME: home, DOCKER_CONTEXT: 'lost' })).toEqual({
      kind: 'unusable',
      text: 'docker context lost',
    });
  });

  it('asks for TLS where the docker command would', async () => {
    const env = { HOME: home, DOCKER_HOST: 'tcp://h', DOCKER_CERT_PATH: '/certs' };
    expect(await chosenEngine(env)).toMatchObject({ port: 2375, tls: null });
    expect(await chosenEngine({ ...env, DOCKER_TLS_VERIFY: '1' })).toMatchObject({
      port: 2376,
      tls: { dir: '/certs', verify: true },
    });
  });
});

describe('parseAddress', () => {
  it.each([
    ['unix://', 'unix:///var/run/docker.sock'],
    ['10.0.0.1:2375', 'tcp://10.0.0.1:2375'],
    ['tcp://[::1]:2375', 'tcp://[::1]:2375'],
    ['ssh://deploy@host:2222', 'ssh://deploy@host:2222'],
    ['ssh://host/run/user/1000/docker.sock', 'ssh://host/run/user/1000/docker.sock'],
    ['ssh://deploy:secret@host', 'ssh://deploy@host'],
    ['npipe:////./pipe/docker', 'npipe:////./pipe/docker'],
    ['ftp://me:secret@host', 'ftp://me@host'],
  ])('reads %s', (text, shown) => {
    expect(addressText(parseAddress(text, null))).toBe(shown);
  });
});
