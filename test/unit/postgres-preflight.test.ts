import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { checkLogRoom } from '../../src/services/postgres/preflight/check-log.ts';
import { checkCron } from '../../src/services/postgres/preflight/check-objects.ts';
import { checkStalling } from '../../src/services/postgres/preflight/check-sessions.ts';
import { checkUrl } from '../../src/services/postgres/preflight/check-url.ts';
import { checkVersion } from '../../src/services/postgres/preflight/check-version.ts';
import { checkConnections } from '../../src/services/postgres/preflight/connections.ts';
import {
  checkClocks,
  checkDistance,
  type Distance,
} from '../../src/services/postgres/preflight/distance.ts';
import { estimate } from '../../src/services/postgres/preflight/estimate.ts';
import { checkExtensions } from '../../src/services/postgres/preflight/extensions.ts';
import type { Log } from '../../src/services/postgres/preflight/log.ts';
import { identifier, some, statements } from '../../src/services/postgres/preflight/names.ts';
import type { Objects } from '../../src/services/postgres/preflight/objects.ts';
import { checkPooler, directUrl } from '../../src/services/postgres/preflight/pooler.ts';
import {
  grantReplication,
  logicalWal,
  type Place,
  placeOf,
} from '../../src/services/postgres/preflight/provider.ts';
import type { Server } from '../../src/services/postgres/preflight/server.ts';
import { checkTls } from '../../src/services/postgres/preflight/tls.ts';

const SERVER: Server = {
  version: 170_002,
  shown: '17.2',
  role: 'app',
  database: 'shop',
  encoding: 'UTF8',
  collate: 'C',
  ctype: 'C',
  provider: 'libc',
  locale: null,
  startedAt: 1,
  superuser: false,
  replication: true,
  bypassRls: false,
  mayCreate: true,
  mayCreateInPublic: true,
  ownsDatabase: true,
  providerRoles: [],
  memberships: [],
  readOnly: null,
};

const how = (findings: Finding[]) => findings.map(({ severity }) => severity);
const at = (version: number): Server => ({
  ...SERVER,
  version,
  shown: `${Math.floor(version / 10_000)}.${version % 10_000}`,
});

describe('the way from one version to another', () => {
  it.each([
    [150_018, 170_002, 'ok'],
    [170_002, 170_001, 'ok'],
    [170_002, 160_014, 'blocker'],
    [130_001, 170_002, 'warning'],
    [110_001, 170_002, 'blocker'],
  ])('%i → %i is %s', (from, to, severity) => {
    expect(how(checkVersion(at(from), at(to)))).toEqual([severity]);
  });
});

describe('a pooler', () => {
  const direct: [number, number] = [1, 2];

  it.each([
    ['postgres://u:hush@aws-0-eu.pooler.supabase.com:6543/postgres', 'db.PROJECT-REF.supabase.co'],
    ['postgres://u:hush@ep-cool-1-pooler.eu.aws.neon.tech/db', 'ep-cool-1.eu.aws.neon.tech'],
    ['postgres://u:hush@db.abc.supabase.co:6543/postgres', 'db.abc.supabase.co:5432'],
    ['postgres://u:hush@x.db.ondigitalocean.com:25061/pool', '25060'],
  ])('is known by its name or port, and its cure names the server itself: %s', (url, says) => {
    const [finding] = checkPooler('target', url, direct);
    expect(finding).toMatchObject({ severity: 'blocker' });
    expect(finding?.cure).toContain(says);
    expect(JSON.stringify(finding)).not.toContain('hush');
  });

  it('is none where the name has no word of it, and two sessions are two', () => {
    const url = 'postgres://u:hush@ep-cool-1.eu.aws.neon.tech/db?options=endpoint%3Dep-cool-1';
    expect(directUrl(url)).toBeNull();
    expect(how(checkPooler('source', url, direct))).toEqual(['ok']);
    expect(how(checkPooler('source', url, [7, 7]))).toEqual(['blocker']);
  });
});

describe('the way to a server', () => {
  const url = (query: string) => `postgres://u:hush@db.x.co/app${query}`;
  const far = { encrypted: true, verified: false, local: false };

  it('is well when encrypted and checked, or when it never leaves the machine', () => {
    expect(how(checkTls('target', url(''), { ...far, verified: true }))).toEqual(['ok']);
    expect(how(checkTls('target', url(''), { ...far, encrypted: false, local: true }))).toEqual([
      'ok',
    ]);
  });

  it('is told of when it is open, or leads to whoever answers', () => {
    const open = checkTls('target', url(''), { ...far, encrypted: false });
    expect(open[0]).toMatchObject({ severity: 'warning' });
    expect(open[0]?.message).toContain('not encrypted');
    const [loose] = checkTls('target', url('?sslmode=require'), far);
    expect(loose?.why).toContain('sslmode=require takes any certificate');
    expect(loose?.cure).toContain('sslmode=verify-full');
  });

  it('is told of when the server is far, by what a page of the app would cost', () => {
    const distance = (roundTripMs: number, clockMs = 0): Distance => ({
      roundTripMs,
      bytesPerMs: null,
      clockMs,
    });
    expect(how(checkDistance(distance(1), distance(5)))).toEqual(['ok']);
    const [far] = checkDistance(distance(1), distance(41));
    expect(far).toMatchObject({ severity: 'warning' });
    expect(far?.why).toContain('about 800 ms');
    expect(how(checkClocks(distance(1, 100), distance(1, -100)))).toEqual(['ok']);
    expect(how(checkClocks(distance(300, 0), distance(300, 900)))).toEqual(['ok']);
    const [behind] = checkClocks(distance(1, 0), distance(1, -4000));
    expect(behind?.message).toContain('4 s behind');
  });
});

describe('a URL', () => {
  it('that names no database is told of; one that speaks to Prisma is understood', () => {
    expect(how(checkUrl('target', 'postgres://app:hush@db'))).toEqual(['warning']);
    const url = 'postgres://app:hush@db/app?pgbouncer=true&connection_limit=1&sslmode=require';
    const [finding] = checkUrl('source', url);
    expect(finding).toMatchObject({ id: 'url-parameters', severity: 'ok' });
    expect(finding?.message).toContain('pgbouncer and connection_limit');
    expect(how(checkUrl('target', 'postgres:///app?host=/run/postgresql'))).toEqual(['ok']);
  });
});

describe('how a server is set', () => {
  it.each<[Place, string[], boolean]>([
    ['rds', ['rdsadmin'], false],
    ['supabase', ['supabase_admin'], false],
    ['neon', ['neon_superuser'], false],
    ['cloud-sql', ['cloudsqladmin'], true],
    ['azure', ['azure_pg_admin'], false],
    ['container', [], true],
    ['own', [], false],
  ])('depends on where it is: %s', (place, providerRoles, container) => {
    expect(placeOf({ providerRoles }, container)).toBe(place);
  });

  it('is said in the words of that place', () => {
    expect(logicalWal('rds')).toContain('rds.logical_replication');
    expect(logicalWal('cloud-sql')).toContain('cloudsql.logical_decoding=on');
    expect(logicalWal('neon')).toContain('Logical Replication');
    expect(logicalWal('container')).toContain('"wal_level=logical"');
    expect(logicalWal('own')).toContain("ALTER SYSTEM SET wal_level = 'logical';");
    expect(grantReplication('rds', 'App')).toBe('GRANT rds_replication TO "App";');
    expect(grantReplication('own', 'app')).toBe('ALTER ROLE "app" REPLICATION;');
  });
});

describe('room for the log', () => {
  const LOG: Log = {
    level: 'logical',
    slots: { used: 0, max: 10 },
    senders: { used: 0, max: 10 },
    idleSlots: [],
    keepBytes: null,
    dataDirectory: null,
  };
  const GB = 1024 ** 3;
  const room = (
    logBytes: number | null,
    freeBytes: number | null,
    keepBytes: number | null = null,
  ) => how(checkLogRoom({ ...LOG, keepBytes }, { logBytes, freeBytes }, 'own'));

  it('is enough, is too little, or does not show', () => {
    expect(room(GB, 10 * GB)).toEqual(['ok']);
    expect(room(GB, 2 * GB)).toEqual(['blocker']);
    expect(room(GB, null)).toEqual(['warning']);
    expect(room(null, null)).toEqual(['warning']);
    expect(room(1000, null)).toEqual(['ok']);
    expect(room(GB, 10 * GB, GB)).toEqual(['blocker']);
    expect(room(GB, 10 * GB, 3 * GB)).toEqual(['ok']);
  });
});

describe('connections', () => {
  const free = (count: number, pool: number) =>
    checkConnections(
      'target',
      {
        server: { limit: 97, used: 97 - count },
        database: { limit: null, used: 0 },
        role: { limit: null, used: 0 },
      },
      pool,
      SERVER,
      'rds',
    );

  it('must be enough for the copy, and should be for two colours of the app', () => {
    expect(how(free(28, 10))).toEqual(['ok']);
    expect(how(free(27, 10))).toEqual(['warning']);
    expect(how(free(7, 0))).toEqual(['blocker']);
    expect(free(7, 0)[0]?.cure).toContain('max_connections = 103');
  });
});

describe('what only a busy or grown server has', () => {
  it('jobs of pg_cron and vacuums that give way to nobody are told of', () => {
    const none: Objects = {
      largeObjects: 0,
      foreignTables: [],
      foreignServers: [],
      eventTriggers: [],
      publications: [],
      languages: [],
      cFunctions: [],
      cron: false,
    };
    expect(how(checkCron(none))).toEqual(['ok']);
    expect(how(checkCron({ ...none, cron: true }))).toEqual(['warning']);
    const vacuum = { pid: 7, user: '', application: '', ms: 5, gid: null };
    const found = checkStalling(
      { groups: [], stalling: [{ ...vacuum, kind: 'wraparound' }], hidden: false },
      'app',
    );
    expect(found.filter(({ severity }) => severity !== 'ok')).toMatchObject([
      { id: 'wraparound-vacuum', severity: 'warning', object: '7' },
    ]);
  });
});

describe('extensions', () => {
  const used = (name: string, version = '1.6') => ({ name, version, schema: 'public' });
  const offered = (name: string, versions: string[], trusted = true) => ({
    name,
    versions,
    installed: null,
    trusted,
  });
  const troubles = (findings: Finding[]) =>
    findings.filter(({ severity }) => severity !== 'ok').map(({ id, severity }) => [id, severity]);

  it('block where data needs them, and are told of where only a provider does', () => {
    const check = (...names: string[]) =>
      troubles(
        checkExtensions(
          names.map((name) => used(name)),
          [],
          SERVER,
          'neon',
        ),
      );
    expect(check('plpgsql')).toEqual([]);
    expect(check('postgis')).toEqual([['extensions', 'blocker']]);
    expect(check('pg_stat_statements')).toEqual([['extensions', 'warning']]);
  });

  it('are compared by number, and may be newer', () => {
    const check = (...versions: string[]) =>
      troubles(checkExtensions([used('x', '1.10')], [offered('x', versions)], SERVER, 'own'));
    expect(check('1.2', '1.10', '1.9')).toEqual([]);
    expect(check('2.0')).toEqual([]);
    expect(check('1.2', '1.9')).toEqual([['extension-versions', 'warning']]);
  });

  it('that are not trusted need a superuser, or nearly one', () => {
    const check = (server: Server) =>
      troubles(checkExtensions([used('x')], [offered('x', ['1.6'], false)], server, 'rds'));
    expect(check(SERVER)).toEqual([['extension-rights', 'blocker']]);
    expect(check({ ...SERVER, memberships: ['rds_superuser'] })).toEqual([]);
  });
});

describe('the estimate', () => {
  const sizes = { bytes: 1.2e9, withIndexes: 2e9, rows: 4e6, tables: 30 };
  const near: Distance = { roundTripMs: 0.5, bytesPerMs: null, clockMs: 0 };

  it('takes the pace of the target, or of the way there where that is slower', () => {
    const local = estimate({ sizes, source: near, target: near, logRate: 100 });
    expect(local).toMatchObject({ objects: 30, targetDiskBytes: 2e9 });
    expect(local.copyMs).toBeGreaterThan(30_000);
    expect(local.copyMs).toBeLessThan(36_000);
    expect(local.logBytes).toBe(local.copyMs * 100);
    const slow = { ...near, roundTripMs: 40, bytesPerMs: 1000 };
    const far = estimate({ sizes, source: near, target: slow, logRate: null });
    expect(far.copyMs).toBeGreaterThan(600_000);
    expect(far.pauseMs).toBeGreaterThan(local.pauseMs);
    expect(far.logBytes).toBeNull();
  });
});

describe('names', () => {
  it('are a sentence’s, and SQL’s in quotes', () => {
    expect(some([])).toBe('');
    expect(some(['a'])).toBe('a');
    expect(some(['a', 'b', 'c'])).toBe('a, b and c');
    expect(some(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
    expect(identifier('order')).toBe('"order"');
    expect(identifier('My "Table"')).toBe('"My ""Table"""');
    const many = Array.from({ length: 52 }, (_, i) => `t${i}`);
    expect(statements(many, (name) => `DROP ${name};`)).toMatch(/t49;\n-- and so on for 2 more$/);
  });
});
