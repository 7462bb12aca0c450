import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type Dockerode from 'dockerode';
import { bundle } from './bundle.ts';
import { BASE, buildImage, ended } from './images/build.ts';
import { debianTree } from './images/tree.ts';
import type { Need } from './needs.ts';
import { findProgram } from './programs.ts';
import { buildStarter } from './starter.ts';

export const imagesNeed: Need = {
  name: 'images without a registry',
  missing: findProgram('mmdebstrap') ? null : 'apt-get install mmdebstrap',
};

/** What all images are made of; libcurl is mongod's. */
const PACKAGES = ['haproxy', 'nodejs', 'postgresql-17', 'ca-certificates', 'libcurl4t64'];

/** Stand-ins under the names that a compose file of `portsync init` has. */
export const POSTGRES_IMAGE = 'postgres:17';
export const HAPROXY_IMAGE = 'haproxy:3.0-alpine';
/** The lab's app, with the HTTP interface of the starter. */
export const APP_IMAGE = 'notes-app:1';
export const MONGO_IMAGE = 'mongo:7';

/** The three images of a stack, in the engine of a test. */
export async function loadStackImages(docker: Dockerode): Promise<void> {
  const tar = await debianTree(PACKAGES);
  await ended(await docker.importImage(createReadStream(tar) as never, { repo: BASE }));
  await buildImage(docker, HAPROXY_IMAGE, ['CMD ["haproxy", "-f", "/usr/local/etc/haproxy.cfg"]']);
  await buildImage(
    docker,
    POSTGRES_IMAGE,
    [
      'COPY entry.sh /entry.sh',
      'ENV PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data',
      'VOLUME /var/lib/postgresql/data',
      // As in the official image: else a client that stays connected holds the end up.
      'STOPSIGNAL SIGINT',
      'ENTRYPOINT ["/bin/sh", "/entry.sh"]',
      'CMD ["postgres"]',
    ],
    { 'entry.sh': here('postgres-entry.sh') },
  );
  await buildAppImage(docker, APP_IMAGE);
}

/** @param mongod the program, which no package of Debian has */
export async function loadMongoImage(docker: Dockerode, mongod: string): Promise<void> {
  await buildImage(
    docker,
    MONGO_IMAGE,
    [
      'COPY mongod docker-entrypoint.sh mongosh /usr/local/bin/',
      'COPY mongosh.mjs /usr/local/lib/mongosh.mjs',
      'RUN useradd --system mongodb && chmod 755 /usr/local/bin/*',
      'VOLUME /data/db',
      'ENTRYPOINT ["docker-entrypoint.sh"]',
      'CMD ["mongod"]',
    ],
    {
      mongod,
      'docker-entrypoint.sh': here('mongo-entry.sh'),
      mongosh: here('mongosh.sh'),
      'mongosh.mjs': await bundle(here('mongosh.ts'), tmpdir()),
    },
  );
}

/** The lab's app as an image; `lines` come last, to make it ill. */
export async function buildAppImage(
  docker: Dockerode,
  name: string,
  lines: readonly string[] = [],
): Promise<void> {
  await buildImage(docker, name, [...APP_LINES, ...lines], {
    'app.mjs': await appProgram(),
  });
}

/** The starter app, as its own Dockerfile would make it. */
export async function buildStarterImage(docker: Dockerode, name: string): Promise<void> {
  const standalone = await buildStarter();
  const lines = ['COPY app /app', ...APP_LINES.slice(1), 'CMD ["node", "server.js"]'];
  await buildImage(docker, name, ['ENV KEEP_ALIVE_TIMEOUT=75000', ...lines], {
    app: standalone,
  });
}

const CHECK =
  "fetch('http://127.0.0.1:3000/api/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))";

const APP_LINES = [
  'COPY app.mjs /app/app.mjs',
  'WORKDIR /app',
  'ENV NODE_ENV=production HOSTNAME=0.0.0.0 PORT=3000',
  'USER nobody',
  `HEALTHCHECK --interval=2s --timeout=60s --start-period=120s CMD ["node", "-e", ${JSON.stringify(CHECK)}]`,
  'CMD ["node", "app.mjs"]',
];

let program: Promise<string> | null = null;

function appProgram(): Promise<string> {
  const source = fileURLToPath(new URL('../../src/services/lab/app/main.ts', import.meta.url));
  program ??= bundle(source, tmpdir());
  return program;
}

function here(file: string): string {
  return fileURLToPath(new URL(`./images/${file}`, import.meta.url));
}
