import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeNeeds } from '../../src/services/env/compose-needs.ts';
import { missingEnv } from '../../src/services/starter/fresh-env.ts';
import { stackName } from '../../src/services/starter/names.ts';
import { rolesOf } from '../../src/services/starter/roles.ts';
import { sizeFor } from '../../src/services/starter/sizing.ts';
import { composeText } from '../../src/services/starter/template.ts';
import { parseCompose } from '../../src/services/swarm/compose.ts';

const GB = 2 ** 30;
const MB = 2 ** 20;

describe('the size of things', () => {
  const machines = [
    { cores: 1, memoryBytes: 0.5 * GB },
    { cores: 1, memoryBytes: GB },
    { cores: 1, memoryBytes: 2 * GB },
    { cores: 2, memoryBytes: 4 * GB },
    { cores: 4, memoryBytes: 8 * GB },
    { cores: 16, memoryBytes: 64 * GB },
    { cores: 64, memoryBytes: 4 * GB },
  ];
  const replicas = (machine: { cores: number; memoryBytes: number }) =>
    sizeFor(machine, 'postgres').replicas;

  it('gives each core a replica, two where one may die, and no more than memory allows', () => {
    expect(machines.map(replicas)).toEqual([1, 1, 2, 2, 4, 16, 7]);
  });

  it('never promises both colours, the database and the edge more than there is', () => {
    for (const machine of machines.slice(1)) {
      const { replicas, database, edgeBytes } = sizeFor(machine, 'postgres');
      const used = 2 * replicas * 160 * MB + (database?.bytes ?? 0) + edgeBytes;
      expect([machine, used <= machine.memoryBytes]).toEqual([machine, true]);
    }
  });

  it('grows with the machine', () => {
    const [small, large] = [machines[1], machines[4]].map((each) =>
      sizeFor(each ?? { cores: 1, memoryBytes: GB }, 'postgres'),
    );
    expect(large?.webBytes).toBeGreaterThan(small?.webBytes ?? 0);
    expect(large?.database?.bytes).toBeGreaterThan(small?.database?.bytes ?? 0);
    expect(small?.database?.command).toContain('shared_buffers=64MB');
    expect(large?.database?.command).toContain('shared_buffers=512MB');
  });

  it('leaves more to the app where the database is elsewhere', () => {
    const here = sizeFor({ cores: 4, memoryBytes: 2 * GB }, 'postgres');
    const elsewhere = sizeFor({ cores: 4, memoryBytes: 2 * GB }, null);
    expect(elsewhere.database).toBeNull();
    expect(elsewhere.replicas).toBeGreaterThan(here.replicas);
  });

  it('makes as many replicas as were asked for', () => {
    expect(sizeFor({ cores: 1, memoryBytes: GB }, 'mongo', 5).replicas).toBe(5);
    const { database } = sizeFor({ cores: 1, memoryBytes: 8 * GB }, 'mongo');
    expect(database?.command.join(' ')).toBe('mongod --bind_ip_all --wiredTigerCacheSizeGB 1');
  });
});

describe('a new compose file', () => {
  const facts = { app: 'shop', image: null, httpPort: 80, httpsPort: null };

  it('says the same to docker compose and to docker stack deploy', () => {
    for (const database of ['postgres', 'mongo', null] as const) {
      const all = parse(composeText({ ...facts, database, httpsPort: 443 }));
      expect(Object.keys(all)).toEqual(database ? ['services', 'volumes'] : ['services']);
      for (const service of Object.values<Record<string, unknown>>(all.services)) {
        expect(service.deploy).toEqual({ endpoint_mode: 'dnsrr' });
        expect(service.profiles).toBeUndefined();
        for (const key of ['depends_on', 'env_file']) {
          if (service[key] !== undefined) expect(service[key]).toEqual([expect.any(String)]);
        }
      }
      const { ports } = all.services.edge;
      expect(ports).toEqual([
        { target: 80, published: 80, protocol: 'tcp', mode: 'host' },
        { target: 443, published: 443, protocol: 'tcp', mode: 'host' },
      ]);
    }
  });

  it('is known again as what it is', () => {
    const text = composeText({ ...facts, database: 'postgres' });
    expect(rolesOf(parseCompose(text, 'f'))).toEqual({
      web: 'web',
      database: { service: 'db', kind: 'postgres' },
      edge: 'edge',
    });
  });

  it('gets every variable it needs, with secrets that no reader of .env files stumbles over', () => {
    for (const database of ['postgres', 'mongo'] as const) {
      const needs = composeNeeds(composeText({ ...facts, database })) ?? [];
      const env = missingEnv(database, new Map());
      expect(needs.filter(({ key }) => !env.has(key))).toEqual([]);
      for (const value of env.values()) expect(value).toMatch(/^[\w:/@.?=-]+$/);
      expect(URL.canParse(env.get('DATABASE_URL') ?? '')).toBe(true);
    }
  });

  it('keeps what the .env has, and builds the rest on it', () => {
    const given = new Map([
      ['POSTGRES_PASSWORD', 'p@ss'],
      ['JWT_SECRET', 'mine'],
    ]);
    expect([...missingEnv('postgres', given)]).toEqual([
      ['DATABASE_URL', 'postgres://app:p%40ss@db:5432/app'],
    ]);
    expect([...missingEnv(null, new Map(), () => 'new')]).toEqual([['JWT_SECRET', 'new']]);
  });
});

describe('the name of a stack', () => {
  it('is one that Docker takes', () => {
    const names = ['shop', 'My Shop', '_x_', 'Ünï', 'a.b/c', '..'];
    expect(names.map(stackName)).toEqual(['shop', 'my-shop', 'x', 'n', 'a-b-c', 'app']);
  });
});
