import { cp, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Caller } from '../rig/http-interface.ts';
import { buildImage } from '../rig/images/build.ts';
import { APP_IMAGE } from '../rig/images.ts';
import { describeWith } from '../rig/needs.ts';
import { resize } from '../rig/small-disk.ts';
import { type SwarmRig, startSwarmRig, swarmNeed, variableOfReplicas } from '../rig/swarm.ts';
import { until } from '../rig/until.ts';

const MINUTE = 60_000;
/** Of the engine; it is in memory, and a third of it is used. */
const DISK = '3g';
const ROOM_KB = 64 * 1024;

vi.setConfig({ testTimeout: 5 * MINUTE, hookTimeout: 6 * MINUTE });

/** The first page sends on to the log-in, as with many an app. */
const SITE = `require('node:http').createServer((req, res) => {
  const status = { '/': 307, '/healthz': 200, '/login': 200 }[req.url] ?? 404;
  res.writeHead(status, status === 307 ? { location: '/login' } : {}).end('a site');
}).listen(8080)`;

const DOCKERFILE = `FROM ${APP_IMAGE} AS base
FROM base AS runner
ARG GREETING
ARG FROM_ENV
ENV GREETING=$GREETING FROM_ENV=$FROM_ENV
FROM base AS last
CMD ["false"]
`;

const JWT = 'JWT_SECRET=a secret for tests only, of a good length';

describeWith(swarmNeed, 'a compose file of somebody else', () => {
  let rig: SwarmRig;

  const run = (...args: string[]) => rig.portsync(...args, '--json').ended;
  const done = async (...args: string[]) => {
    const { code, result, stdout, stderr } = await run(...args);
    expect({ code, error: result.error, stderr }).toMatchObject({ code: 0, error: undefined });
    return { result, stdout };
  };

  /** The project directory with this compose file and nothing that was there before. */
  async function project(name: string, files: Readonly<Record<string, string>> = {}) {
    for (const each of await readdir(rig.dir)) await rm(join(rig.dir, each), { recursive: true });
    const source = fileURLToPath(new URL(`./adopted/${name}.yml`, import.meta.url));
    await cp(source, join(rig.dir, 'docker-compose.yml'));
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(rig.dir, file)), { recursive: true });
      await writeFile(join(rig.dir, file), text);
    }
  }

  async function page(path: string, port = 80): Promise<number> {
    const { status } = await fetch(`${rig.url}:${port}${path}`, { redirect: 'manual' });
    return status;
  }

  beforeAll(async () => {
    rig = await startSwarmRig({ disk: DISK });
    const { docker } = rig.engine;
    const program = `CMD ["node", "-e", ${JSON.stringify(SITE)}]`;
    await buildImage(docker, 'site:1', [program]);
    const redis = `CMD ["sh", "-c", "exit 1"]`;
    const server =
      'RUN printf "#!/bin/sh\\nexec sleep 1d\\n" > /bin/redis-server && chmod 755 /bin/redis-server';
    await buildImage(docker, 'redis:7-alpine', [server, redis]);
  });

  afterAll(() => rig?.close());

  it('is adopted with what it is built from, its database and its cache', async () => {
    const env = 'POSTGRES_PASSWORD=secret\nFROM_ENV=of-the-env-file\n';
    await project('whole', { '.env': env + JWT, 'docker/Dockerfile': DOCKERFILE });
    await done('init', rig.dir, '--app', 'shop', '--yes');
    const settings = join(rig.dir, 'portsync.yaml');
    await writeFile(settings, `${await readFile(settings, 'utf8')}rollout: { watchSeconds: 1 }\n`);
    const { stdout } = await done('up', '--yes');
    expect(stdout).not.toContain('of-the-env-file');
    const someone = await new Caller(rig.url).signUp();
    await someone.write('first');
    expect(await someone.texts()).toEqual(['first']);
    expect((await variableOfReplicas(rig, someone, 'GREETING'))[0]).toBe('good morning');
    expect((await variableOfReplicas(rig, someone, 'FROM_ENV'))[0]).toBe('of-the-env-file');
    expect((await done('up', '--yes')).result).toMatchObject({ changed: false });
  });

  it('is left as it runs when Ctrl-C ends a build, or replicas that start', async () => {
    const { docker } = rig.engine;
    const someone = await new Caller(rig.url).signUp();
    const dockerfile = join(rig.dir, 'docker/Dockerfile');
    const interrupted = async (lines: string, under: () => Promise<boolean>) => {
      await writeFile(dockerfile, DOCKERFILE.replace(/^ENV/m, `${lines}\nENV`));
      const up = rig.portsync('up', '--build', '--yes', '--json');
      await until(under, 2 * MINUTE, `${lines} is under way`);
      up.kill('SIGINT');
      const { code, result } = await up.ended;
      expect([code, result.error?.code]).toEqual([130, 'cancelled']);
    };
    const running = async () => (await docker.listContainers()).map(({ Command }) => Command);
    const before = await running();
    const slow = async (words: string) => (await running()).some((each) => each.includes(words));
    await interrupted('RUN sleep 301', () => slow('sleep 301'));
    await interrupted('HEALTHCHECK CMD false\nCMD ["sleep", "302"]', () => slow('sleep 302'));
    await until(async () => !(await slow('sleep 30')), MINUTE, 'what was begun has ended');
    expect((await running()).sort()).toEqual(before.sort());
    expect(await someone.texts()).toEqual([]);
    await writeFile(dockerfile, DOCKERFILE);
    expect((await done('up', '--yes')).result).toMatchObject({ changed: false });
  });

  it('is left as it runs when a build fills the disk, which is named', async () => {
    const someone = await new Caller(rig.url).signUp();
    const dockerfile = join(rig.dir, 'docker/Dockerfile');
    const fill = 'RUN dd if=/dev/zero of=/tmp/filler bs=1M count=256';
    await writeFile(dockerfile, DOCKERFILE.replace(/^ENV/m, `${fill}\nENV`));
    const { data } = rig.engine;
    const { blocks, bfree, bsize } = await statfs(data);
    resize(data, `${((blocks - bfree) * bsize) / 1024 + ROOM_KB}k`);
    const { code, result } = await run('up', '--build', '--yes').finally(() => resize(data, DISK));
    expect([code, result.error?.code]).toEqual([1, 'disk-full']);
    expect(result.error?.message).toContain(data);
    expect(await someone.texts()).toEqual([]);
    await writeFile(dockerfile, DOCKERFILE);
    expect((await done('up', '--yes')).result).toMatchObject({ changed: false });
  });

  it('is adopted by its own name, port and health check, on a network that is there', async () => {
    await project('site');
    await done('init', rig.dir, '--port', '81', '--yes');
    const settings = await readFile(join(rig.dir, 'portsync.yaml'), 'utf8');
    expect(settings).toContain('app: my-site');
    const missing = await run('up', '--yes');
    expect(missing.result.error?.code).toBe('stack-not-deployed');
    expect(missing.result.error?.why).toContain('proxy');
    await rig.shell('docker network create --driver overlay --attachable proxy');
    await done('up', '--yes');
    expect([await page('/healthz', 81), await page('/', 81)]).toEqual([200, 307]);
  });

  it('has no database started beside one that is elsewhere', async () => {
    await project('whole', { 'docker/Dockerfile': DOCKERFILE });
    await rig.shell(
      'docker run --detach --publish 5433:5432 --env POSTGRES_PASSWORD=far postgres:17',
    );
    const url = `postgres://postgres:far@${rig.engine.address}:5433/postgres`;
    const env = ['POSTGRES_PASSWORD=unused', `DATABASE_URL=${url}`, JWT, 'FROM_ENV='];
    await writeFile(join(rig.dir, '.env'), env.join('\n'));
    await done('init', rig.dir, '--app', 'far', '--port', '82', '--yes');
    await done('up', '--yes');
    const services = (await rig.engine.docker.listServices()).map(({ Spec }) => Spec?.Name);
    expect(services.filter((name) => name?.startsWith('far_')).sort()).toEqual([
      'far_cache',
      'far_edge',
      'far_web-blue',
    ]);
    const someone = await new Caller(`${rig.url}:82`).signUp();
    expect(await someone.texts()).toEqual([]);
  });

  it('keeps its own proxy, on whose port there is no room for another', async () => {
    await project('behind-nginx');
    const before = await readFile(join(rig.dir, 'docker-compose.yml'));
    const refused = await run('init', rig.dir, '--app', 'old', '--yes');
    expect([refused.code, refused.result.error?.why]).toEqual([
      3,
      expect.stringContaining('port 80'),
    ]);
    expect(await readFile(join(rig.dir, 'docker-compose.yml'))).toEqual(before);
  });
});
