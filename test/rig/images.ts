import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type Dockerode from 'dockerode';
import { execa } from 'execa';
import { bundle } from './bundle.ts';
import { debianTree } from './images/tree.ts';
import type { Need } from './needs.ts';
import { findProgram } from './programs.ts';

export const imagesNeed: Need = {
  name: 'images without a registry',
  missing: findProgram('mmdebstrap') ? null : 'apt-get install mmdebstrap',
};

/** What all images are made of. */
const PACKAGES = ['haproxy', 'nodejs', 'postgresql-17', 'ca-certificates'];
const BASE = 'portsync-test-base';

/** Stand-ins under the names that a compose file of `portsync init` has. */
export const POSTGRES_IMAGE = 'postgres:17';
export const HAPROXY_IMAGE = 'haproxy:3.0-alpine';
/** The lab's app, with the HTTP interface of the starter. */
export const APP_IMAGE = 'notes-app:1';

/** The three images of a stack, in the engine of a test. */
export async function loadStackImages(docker: Dockerode): Promise<void> {
  const tar = await debianTree(PACKAGES);
  await ended(await docker.importImage(createReadStream(tar) as never, { repo: BASE }));
  const entry = fileURLToPath(new URL('./images/postgres-entry.sh', import.meta.url));
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
    { 'entry.sh': await readFile(entry, 'utf8') },
  );
  await buildAppImage(docker, APP_IMAGE);
}

/** The lab's app as an image; `lines` come last, to make it ill. */
export async function buildAppImage(
  docker: Dockerode,
  name: string,
  lines: readonly string[] = [],
): Promise<void> {
  await buildImage(docker, name, [...APP_LINES, ...lines], {
    'app.mjs': await readFile(await appProgram(), 'utf8'),
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

/** A Dockerfile of `lines` on the base, built with `files` beside it by the builder of the engine itself. */
async function buildImage(
  docker: Dockerode,
  name: string,
  lines: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-image-'));
  try {
    const all = { ...files, Dockerfile: [`FROM ${BASE}`, ...lines].join('\n') };
    for (const [file, text] of Object.entries(all)) await writeFile(join(dir, file), text);
    const { stdout } = await execa('tar', ['-C', dir, '-c', '.'], { encoding: 'buffer' });
    const said = await ended(await docker.buildImage(Readable.from([stdout]), { t: name }));
    if (/"errorDetail"/.test(said)) throw new Error(said);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What the engine says until it is done. */
async function ended(answer: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
}
