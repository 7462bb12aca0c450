import type { RestorePlan } from '../../src/model/actions.ts';
import type { Container, LogLine } from '../../src/model/container.ts';
import type { DatabaseFigures } from '../../src/model/database.ts';
import type { EnvChange, EnvHistory, EnvPlace } from '../../src/model/env.ts';
import type { NodeFigures } from '../../src/model/node.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { ProjectInfo } from '../../src/model/project.ts';
import { failed, loading, ready } from '../../src/model/reading.ts';
import type { ReplicaTraffic, Traffic } from '../../src/model/traffic.ts';
import type { Event } from '../../src/state/events.ts';
import { isEffect } from '../../src/state/keys/binding.ts';
import { press } from '../../src/state/keys/press.ts';
import { reducer } from '../../src/state/reducer.ts';
import { initialState, type State } from '../../src/state/state.ts';

process.env.TZ = 'UTC';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

export const NOW = Date.parse('2025-11-23T12:04:31Z');
export const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

export const shop: ProjectInfo = { name: 'shop', dir: '/srv/shop', lab: false, readOnly: false };

const HOUR = 3600;
const DAY = 24 * HOUR;

function container(given: Partial<Container> & { name: string }): Container {
  return {
    id: `${given.name.replace(/\W/g, '')}${given.colour ?? ''}4f1c09ab77d2`,
    engine: 'local',
    node: 'main',
    image: 'shop-web:42',
    state: 'running',
    health: 'healthy',
    colour: null,
    cpuPercent: 12,
    memoryBytes: 148 * MiB,
    memoryLimitBytes: 512 * MiB,
    receivedBytesPerSecond: 0.4 * MiB,
    sentBytesPerSecond: 0.8 * MiB,
    restarts: 0,
    exitCode: null,
    startedAt: ago(2 * HOUR),
    createdAt: ago(2 * HOUR + 5),
    ...given,
  };
}

export const containers: Container[] = [
  container({ name: 'web.1', colour: 'blue' }),
  container({ name: 'web.2', colour: 'blue', cpuPercent: 11, memoryBytes: 151 * MiB }),
  container({ name: 'web.3', colour: 'blue', cpuPercent: 14, health: 'unhealthy', restarts: 2 }),
  container({
    name: 'web.1',
    colour: 'green',
    image: 'shop-web:41',
    state: 'exited',
    health: 'none',
    exitCode: 0,
    startedAt: null,
    createdAt: ago(DAY),
  }),
  container({
    name: 'db',
    image: 'postgres:17',
    cpuPercent: 8,
    memoryBytes: 512 * MiB,
    memoryLimitBytes: GiB,
    startedAt: ago(9 * DAY),
  }),
  container({
    name: 'edge',
    image: 'haproxy:3.0',
    health: 'none',
    cpuPercent: 3,
    memoryBytes: 41 * MiB,
    memoryLimitBytes: 256 * MiB,
    sentBytesPerSecond: 3.4 * MiB,
    startedAt: ago(9 * DAY),
  }),
];

function node(given: Partial<NodeFigures> & { name: string }): NodeFigures {
  return {
    address: 'local',
    cores: 2,
    cpuPercent: 34,
    load: [0.61, 0.48, 0.4],
    memory: { usedBytes: 2.44 * GiB, totalBytes: 4 * GiB },
    swap: { usedBytes: 0, totalBytes: 2 * GiB },
    disk: { usedBytes: 16.8 * GiB, totalBytes: 40 * GiB, mount: '/' },
    pressure: { cpu: 2, memory: 0, io: 1 },
    uptimeSeconds: 41 * DAY,
    ...given,
  };
}

export const nodes: NodeFigures[] = [
  node({ name: 'main' }),
  node({
    name: 'fra-2',
    address: 'root@10.0.0.2:22',
    cpuPercent: 22,
    memory: { usedBytes: 1.92 * GiB, totalBytes: 4 * GiB },
    disk: { usedBytes: 4.8 * GiB, totalBytes: 40 * GiB, mount: '/' },
    pressure: { cpu: 1, memory: 0, io: 0 },
  }),
];

export const database: DatabaseFigures = {
  kind: 'postgres',
  version: '17.2',
  where: '127.0.0.1:5432/shop',
  here: true,
  sizeBytes: 1.24 * GiB,
  connections: { used: 18, max: 100 },
  transactionsPerSecond: 212,
  cacheHitPercent: 99.1,
  longestTransactionMs: 410,
  blocked: 1,
  slow: [
    { id: '4711', ms: 1240, text: 'select … from notes where user_id = $1', blockedBy: [] },
    { id: '4713', ms: 1010, text: 'update notes set text = $1 where id = $2', blockedBy: ['4720'] },
  ],
  blockers: [{ id: '4720', ms: 3900, text: 'alter table notes add column …', blockedBy: [] }],
  replication: [
    { name: 'standby-1', state: 'streaming', lagBytes: 3 * MiB, lagMs: 80, retainedBytes: null },
  ],
  hint: null,
};

export const envHistory: EnvHistory = {
  file: '/srv/shop/.env',
  keys: 21,
  current: 'v23',
  versions: [
    version('v23', '2025-11-23T11:40:02Z', 'maria', 'new mail server', ['SMTP_HOST', 'JWT_SECRET']),
    version('v22', '2025-11-22T09:12:44Z', 'deploy', 'deploy 42', ['BUILD_ID']),
    version('v21', '2025-11-20T18:03:10Z', 'maria', 'restored v18', ['DATABASE_URL', 'OLD_FLAG']),
    version('v20', '2025-11-19T07:55:00Z', 'deploy', 'deploy 41', ['BUILD_ID']),
  ],
};

function version(id: string, at: string, author: string, reason: string, changed: string[]) {
  return { id, at, author, host: 'main', reason, changed, sha256: id.repeat(16) };
}

export const restorePlan: RestorePlan = {
  changes: [
    { key: 'SMTP_HOST', change: 'removed', before: '••••••', after: null },
    { key: 'NEXT_PUBLIC_NAME', change: 'changed', before: '••••••', after: '••••••' },
  ],
  steps: [
    'start 3 green replicas with the image that runs now',
    'wait until all 3 are healthy, at most 120 s',
    'write the .env: restored 20261122T091244000Z',
    'send every request to green instead of blue, in one step',
    'watch green for 15 s; should it fail, go back to blue',
    'let blue end its running requests',
    'stop blue, and keep it for a rollback',
  ],
  warnings: [
    'NEXT_PUBLIC_NAME: Next.js writes these into the app when it is built; they need a new image.',
  ],
  replicas: true,
};

export const envPlaces: EnvPlace[] = [
  { where: 'web-blue.1 on main', version: 'v23', differs: [], unread: null },
  {
    where: 'web-blue.2 on fra-2',
    version: 'v21',
    differs: ['SMTP_HOST', 'JWT_SECRET', 'BUILD_ID'],
    unread: null,
  },
  { where: '.env on fra-2', version: null, differs: ['DATABASE_URL'], unread: null },
  { where: 'fra-3', version: null, differs: [], unread: 'fra-3 gave no answer on SSH.' },
];

export const envChanges: EnvChange[] = [
  { key: 'SMTP_HOST', change: 'added', before: null, after: '••••' },
  { key: 'JWT_SECRET', change: 'changed', before: '••••', after: '••••' },
  { key: 'OLD_FLAG', change: 'removed', before: '••••', after: null },
];

function replica(name: string, on: string, given: Partial<ReplicaTraffic> = {}): ReplicaTraffic {
  const figures = { requestsPerSecond: 138, errorRate: 0, p50Ms: 12, p95Ms: 36 };
  return { name, node: on, colour: 'blue', state: 'up', ...figures, ...given };
}

export const traffic: Traffic = {
  serving: 'blue',
  requestsPerSecond: 412,
  errorsPerSecond: 0,
  p50Ms: 12,
  p95Ms: 38,
  held: 0,
  replicas: [
    replica('web.1', 'main'),
    replica('web.2', 'main', { p95Ms: 34 }),
    replica('web.3', 'fra-2', { requestsPerSecond: 136, p95Ms: 35 }),
  ],
};

export const noAnswer: Problem = {
  code: 'ssh-timeout',
  message: 'No answer on SSH.',
  why: 'The connection to root@10.0.0.3:22 timed out after 5 s.',
  next: 'Trying again; check that the machine runs and port 22 is open.',
};

export const logLines: LogLine[] = Array.from({ length: 60 }, (_line, index) => ({
  at: ago(60 - index),
  stream: index % 17 === 16 ? 'stderr' : 'stdout',
  text:
    index % 17 === 16
      ? `warn: slow request GET /api/notes?limit=100&before=2025-11-23T11:00:00Z took ${900 + index} ms for user 4711`
      : `GET /api/notes 200 ${10 + (index % 7)} ms`,
}));

interface Beginning {
  columns: number;
  rows: number;
  project?: ProjectInfo | null;
  readOnly?: boolean;
}

export function beginning({ columns, rows, project = shop, readOnly = false }: Beginning): State {
  const machine = { cores: 2, memoryBytes: 4 * GiB, docker: '26.1.5', dir: '/srv/shop' };
  return initialState({ project, machine, readOnly, columns, rows, now: NOW });
}

export function having(state: State, ...events: Event[]): State {
  return events.reduce(reducer, state);
}

/** What the keys do, without anything asked of the outside. */
export function pressed(state: State, ...keys: string[]): State {
  return keys.reduce((now, key) => {
    const events = press(now, key).filter((deed) => !isEffect(deed));
    return having(now, ...(events as Event[]));
  }, state);
}

/** Four minutes of a working shop, one look every two seconds, with a wave in its traffic. */
export function working(size: Beginning): State {
  let state = beginning(size);
  for (let second = 240; second >= 0; second -= 2) {
    const at = NOW - second * 1000;
    const wave = 1 + 0.35 * Math.sin(second / 20);
    const down = second <= 90 && second > 60;
    state = having(
      state,
      { type: 'tick', now: at },
      { type: 'reading', pane: 'traffic', id: 'edge', reading: ready(trafficAt(wave, down), at) },
      ...nodes.map(
        (figures): Event => ({
          type: 'reading',
          pane: 'nodes',
          id: figures.name,
          reading: ready({ ...figures, cpuPercent: (figures.cpuPercent ?? 0) * wave ** 2 }, at),
        }),
      ),
      { type: 'reading', pane: 'containers', id: 'local', reading: ready(containers, at) },
      {
        type: 'reading',
        pane: 'database',
        id: 'db',
        reading: ready({ ...database, transactionsPerSecond: 212 * wave }, at),
      },
    );
  }
  return having(
    state,
    { type: 'reading', pane: 'env', id: 'env', reading: ready(envHistory, NOW) },
    {
      type: 'reading',
      pane: 'backup',
      id: 'backup',
      reading: ready({ at: '2025-11-23T06:00:00Z', sizeBytes: 210 * MiB, tested: true }, NOW),
    },
  );
}

function trafficAt(wave: number, down: boolean): Traffic {
  const replicas = traffic.replicas.map((one) =>
    one.name === 'web.3' && down
      ? { ...one, state: 'down' as const, requestsPerSecond: 0 }
      : { ...one, requestsPerSecond: one.requestsPerSecond * wave },
  );
  return {
    ...traffic,
    requestsPerSecond: 412 * wave,
    p95Ms: (traffic.p95Ms ?? 0) * (down ? 2.4 : wave),
    replicas,
  };
}

/** One node, the database and the edge stopped answering; what was seen stays. */
export function troubled(size: Beginning): State {
  const state = working(size);
  const since = NOW - 14_000;
  const old = ready(nodes[1] as NodeFigures, since);
  const down: Problem = {
    code: 'refused',
    message: 'Cannot connect to the database.',
    why: 'The connection to 127.0.0.1:5432 was refused.',
    next: 'Start it, or correct DATABASE_URL in .env.',
  };
  return having(
    state,
    { type: 'reading', pane: 'nodes', id: 'fra-2', reading: failed(old, noAnswer, since) },
    { type: 'reading', pane: 'nodes', id: 'fra-3', reading: failed(loading, noAnswer, since) },
    {
      type: 'reading',
      pane: 'database',
      id: 'db',
      reading: failed(ready(database, since), down, since),
    },
    {
      type: 'reading',
      pane: 'containers',
      id: 'ssh://root@10.0.0.3',
      reading: failed(loading, noAnswer, since),
    },
    { type: 'tick', now: NOW },
  );
}

/** A directory with nothing in it that could be watched. */
export function absent(size: Beginning): State {
  const none = (why: string, next: string) => ({ state: 'absent' as const, why, next });
  return having(
    beginning(size),
    {
      type: 'reading',
      pane: 'containers',
      id: 'local',
      reading: none(
        'No Docker engine here.',
        'Install Docker, or name an engine in portsync.yaml.',
      ),
    },
    {
      type: 'reading',
      pane: 'database',
      id: 'db',
      reading: none('.env has no DATABASE_URL.', 'Add it to .env and this pane comes alive.'),
    },
    {
      type: 'reading',
      pane: 'env',
      id: 'env',
      reading: none('There is no .env here.', 'Start PortSync in the app’s directory.'),
    },
    {
      type: 'reading',
      pane: 'traffic',
      id: 'edge',
      reading: none('No load balancer is known here.', null as never),
    },
    { type: 'reading', pane: 'nodes', id: 'main', reading: ready(nodes[0] as NodeFigures, NOW) },
  );
}
