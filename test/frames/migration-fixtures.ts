import type { Finding } from '../../src/model/finding.ts';
import type {
  CopyProgress,
  Cutover,
  CutoverStep,
  Migration,
  ObjectProgress,
  Preflight,
  Proof,
} from '../../src/model/migration.ts';
import { loading, ready } from '../../src/model/reading.ts';
import { Secret } from '../../src/model/secret.ts';
import type { State } from '../../src/state/state.ts';
import { ago, having, NOW, pressed, working } from './fixtures.ts';

const GiB = 1024 ** 3;
const MiB = 1024 ** 2;

export const PASSWORD = 'hunter2-s3cret';
export const TARGET = `postgres://app:${PASSWORD}@db.x.supabase.co:5432/app?sslmode=require`;
export const MASKED = 'postgres://app:••••@db.x.supabase.co:5432/app';

interface Size {
  columns: number;
  rows: number;
}

const ok = (id: string, object: string, message: string): Finding => ({
  id,
  severity: 'ok',
  object,
  message,
  why: null,
  cure: null,
});

const findings: Finding[] = [
  ok('version', 'server', 'PostgreSQL 17.2 moves to PostgreSQL 17.4.'),
  ok('wal-level', 'source', 'Its log can be followed (wal_level = logical).'),
  ok('slots', 'source', '8 of 10 replication slots are free.'),
  ok('role', 'target', 'The role may create tables.'),
  ok('disk', 'target', '38 GB are free, 1.6 GB are needed.'),
  {
    id: 'no-key',
    severity: 'blocker',
    object: 'events',
    message: 'The table has no key by which a changed row could be found.',
    why: 'An update or delete of a row without a key cannot be repeated at the new server; 2.1 million rows are in it.',
    cure: 'alter table events add column id bigint generated always as identity primary key;',
  },
  {
    id: 'pooler',
    severity: 'warning',
    object: 'target',
    message: 'The port is a pooler’s, in transaction mode.',
    why: 'Session settings and prepared statements are lost between transactions.',
    cure: 'Use port 5432 instead of 6543.',
  },
  {
    id: 'writers',
    severity: 'warning',
    object: 'source',
    message: 'One program besides the app is connected and may write: cron@10.0.0.9.',
    why: 'It does not come through the load balancer; at the cut-over its writes wait, then are refused.',
    cure: 'Give it the new connection string right after the cut-over.',
  },
];

export const preflight: Preflight = {
  findings,
  estimate: {
    bytes: 1.24 * GiB,
    rows: 4_120_331,
    objects: 38,
    copyMs: 94_000,
    pauseMs: 420,
    targetDiskBytes: 1.6 * GiB,
    logBytes: 180 * MiB,
    memoryBytes: 460 * MiB,
  },
  wayBack: { possible: true, why: null },
};

const clear: Preflight = {
  ...preflight,
  findings: findings.filter(({ severity }) => severity !== 'blocker'),
  wayBack: { possible: false, why: 'the new server’s role may not replicate' },
};

const object = (name: string, state: ObjectProgress['state'], size: number, share = 1) => ({
  name,
  state,
  bytes: Math.round(size * MiB * (state === 'waiting' ? 0 : share)),
  totalBytes: size * MiB,
  rows: Math.round(size * 3300 * share),
});

const copying: CopyProgress = {
  step: 'data',
  bytes: 0.88 * GiB,
  totalBytes: 1.24 * GiB,
  rows: 2_925_435,
  objects: [
    object('events', 'copying', 620, 0.64),
    object('orders', 'done', 310),
    object('order_lines', 'indexing', 190),
    object('notes', 'copying', 80, 0.21),
    object('invoices', 'waiting', 40),
    object('customers', 'waiting', 22),
    ...Array.from({ length: 32 }, (_o, n) => object(`lookup_${n}`, n < 9 ? 'done' : 'waiting', 1)),
  ],
};

const base: Migration = {
  id: 'm1',
  state: 'copying',
  kind: 'postgres',
  source: 'postgres://shop:••••@127.0.0.1:5432/shop',
  target: MASKED,
  startedAt: ago(75),
  changedAt: ago(72),
  worker: { pid: 4711, since: ago(75) },
  rehearsal: false,
  holdCutover: true,
  preflight: clear,
  copy: { ...copying, startedAt: ago(72), endedAt: null },
  follow: null,
  cutover: null,
  proof: null,
  wayBack: { open: false, why: null, lagMs: null },
  problem: null,
};

const inStep: Migration = {
  ...base,
  state: 'ready',
  copy: {
    ...copying,
    step: 'done',
    bytes: 1.24 * GiB,
    rows: 4_120_331,
    startedAt: ago(190),
    endedAt: ago(60),
  },
  follow: {
    lagMs: 80,
    behindBytes: 0,
    changes: 13_120,
    changesPerSecond: 212,
    waiting: null,
  },
};

const steps = (...ms: Array<[CutoverStep, number]>) =>
  ms.map(([step, at]) => ({ step, state: 'done' as const, ms: at }));

const pause: Cutover = {
  way: 'forward',
  startedAt: ago(5),
  heldAt: new Date(NOW - 410).toISOString(),
  deadlineMs: 5000,
  steps: [
    ...steps(['start-colour', 4210], ['hold', 0], ['freeze', 118]),
    { step: 'drain', state: 'doing', ms: 131 },
  ],
  waiting: 41,
  outcome: null,
  heldMs: null,
  heldRequests: null,
  failedRequests: null,
  problem: null,
};

const proof: Proof = {
  equal: true,
  kind: 'quick',
  at: ago(60),
  objects: Array.from({ length: 38 }, (_o, n) => ({
    name: ['events', 'orders', 'order_lines', 'notes', 'invoices'][n] ?? `lookup_${n}`,
    rows: { source: n === 0 ? 4_011_120 : 2951 - n, target: n === 0 ? 4_011_120 : 2951 - n },
    checksum:
      n < 12 ? { source: `9f3c0a77d1b2e4${10 + n}`, target: `9f3c0a77d1b2e4${10 + n}` } : null,
    equal: true,
  })),
  differences: [],
};

const switched: Migration = {
  ...inStep,
  state: 'switched',
  changedAt: ago(60),
  cutover: {
    ...pause,
    heldAt: ago(61),
    steps: steps(
      ['start-colour', 4210],
      ['hold', 0],
      ['freeze', 118],
      ['drain', 171],
      ['sequences', 176],
      ['proof', 305],
      ['env', 321],
      ['switch', 329],
      ['release', 410],
    ),
    waiting: 0,
    outcome: 'switched',
    heldMs: 410,
    heldRequests: 212,
    failedRequests: 0,
  },
  proof,
  wayBack: { open: true, why: null, lagMs: 90 },
};

const differing: Migration = {
  ...switched,
  proof: {
    ...proof,
    equal: false,
    kind: 'full',
    objects: proof.objects.map((each) =>
      each.name === 'notes'
        ? { ...each, rows: { ...each.rows, target: 2946 }, equal: false }
        : each,
    ),
    differences: ['the sequence notes_id_seq is behind'],
  },
};

export function seenMigration(state: State, migration: Migration | null, at = NOW): State {
  const reading = ready(migration, at);
  return having(state, { type: 'reading', pane: 'migration', id: 'migration', reading });
}

const idle = (size: Size) => pressed(seenMigration(working(size), null), 'm');

const typed = (size: Size) => having(idle(size), { type: 'paste', text: TARGET });

export function checkedWith(state: State, answer: Preflight): State {
  const asked = having(state, { type: 'check', target: new Secret(TARGET) }, { type: 'close' });
  const target = MASKED;
  return having(asked, { type: 'checked', look: 1, answer: { target, preflight: answer } });
}

/** Half a minute of copying, then this. */
function moving(size: Size, migration: Migration): State {
  let state = working(size);
  for (let second = 60; second > 0; second--) {
    const at = NOW - second * 1000;
    const copy = migration.copy && {
      ...migration.copy,
      bytes: Math.max(0, migration.copy.bytes - second * 12 * MiB),
    };
    const lagMs = 80 + 70 * Math.abs(Math.sin(second / 3)) + (second % 17 === 0 ? 240 : 0);
    const follow = migration.follow && { ...migration.follow, lagMs };
    state = having(state, { type: 'tick', now: at });
    state = seenMigration(state, { ...migration, copy, follow, cutover: null }, at);
  }
  return seenMigration(having(state, { type: 'tick', now: NOW }), migration);
}

const screen = (migration: Migration) => (size: Size) => pressed(moving(size, migration), 'm');

const refused = {
  code: 'database-url',
  message: 'The database URL could not be read.',
  why: 'A port is outside of 1 to 65535.',
  next: 'Write it as postgres://user:password@host:5432/name or mongodb://…; in the password write @ as %40, : as %3A.',
};

const failure = {
  code: 'disk-full',
  message: 'The new server has no room left.',
  why: 'It refused a row of events: could not extend file, no space left on device.',
  next: 'Give it a bigger disk, then press R: what is there already stays.',
};

/** Every step of moving the database, as someone gets to it. */
export const MIGRATE: Record<string, (size: Size) => State> = {
  'migrate-loading': (size) =>
    pressed(
      having(working(size), {
        type: 'reading',
        pane: 'migration',
        id: 'migration',
        reading: loading,
      }),
      'm',
    ),
  migrate: idle,
  'migrate-typed': typed,
  'migrate-refused': (size) =>
    having(pressed(typed(size), 'enter'), { type: 'checked', look: 1, answer: refused }),
  'migrate-looking': (size) =>
    having(pressed(typed(size), 'enter'), { type: 'tick', now: NOW + 2000 }),
  'migrate-preflight': (size) => checkedWith(typed(size), preflight),
  'migrate-preflight-clear': (size) => pressed(checkedWith(typed(size), clear), 'G', 'enter', 'g'),
  'migrate-finding': (size) => pressed(checkedWith(typed(size), preflight), 'enter'),
  'migrate-start': (size) => pressed(checkedWith(typed(size), clear), 's'),
  'migrate-copying': screen(base),
  'migrate-following': screen({
    ...inStep,
    state: 'following',
    follow: { ...inStep.follow, lagMs: 3120, behindBytes: 14 * MiB } as Migration['follow'],
  }),
  'migrate-failed': screen({ ...base, state: 'failed', worker: null, problem: failure }),
  'migrate-stopped': screen({ ...base, worker: null }),
  'migrate-abort': (size) => pressed(screen(base)(size), 'a'),
  'migrate-in-step': screen(inStep),
  'migrate-went-back': screen({
    ...inStep,
    cutover: {
      ...pause,
      outcome: 'went-back',
      heldMs: 5004,
      problem: {
        code: 'cutover-deadline',
        message: 'The cut-over went back after 5.00 s; the app goes on as before.',
        why: 'A transaction of cron@10.0.0.9 held a lock on orders all the time.',
        next: 'End it, or wait for it, and press c again.',
      },
    },
  }),
  'migrate-cut-over': (size) => pressed(screen(inStep)(size), 'c'),
  'migrate-before-pause': screen({
    ...inStep,
    state: 'cutting-over',
    cutover: {
      ...pause,
      heldAt: null,
      waiting: 0,
      steps: [{ step: 'start-colour', state: 'doing', ms: 0 }],
    },
  }),
  'migrate-pause': screen({ ...inStep, state: 'cutting-over', cutover: pause }),
  'migrate-switched': screen(switched),
  'migrate-proof': (size) => pressed(screen(switched)(size), 'v'),
  'migrate-proof-differs': (size) => pressed(screen(differing)(size), 'v'),
  'migrate-go-back': (size) => pressed(screen(switched)(size), 'b'),
  'migrate-finish': (size) => pressed(screen(switched)(size), 'f', 's', 'h', 'o'),
  'migrate-no-way-back': screen({
    ...switched,
    wayBack: { open: false, why: 'the new server’s role may not replicate', lagMs: null },
  }),
  'migrate-returned': screen({ ...switched, state: 'returned', worker: null }),
  'migrate-finished': screen({ ...switched, state: 'finished', worker: null }),
  'migrate-aborted': screen({ ...base, state: 'aborted', worker: null }),
  'dashboard-moving': (size) => moving(size, base),
  'dashboard-switched': (size) => moving(size, switched),
};

export const migrations = { base, inStep, pause, switched, differing };
