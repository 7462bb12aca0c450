import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AdoptOptions, adopt } from '../../src/services/starter/adopt.ts';
import { bindDirs } from '../../src/services/starter/bind-dirs.ts';
import { servedBy } from '../../src/services/starter/served.ts';
import { parseCompose } from '../../src/services/swarm/compose.ts';

const OPTIONS: AdoptOptions = { httpPort: 80, httpsPort: null };

function fixture(name: string): string {
  return readFileSync(new URL(`./compose-files/${name}.yml`, import.meta.url), 'utf8');
}

function adopted(name: string, options = {}) {
  const before = fixture(name);
  return { before, ...adopt(before, `${name}.yml`, { ...OPTIONS, ...options }) };
}

describe('a compose file that is adopted', () => {
  const names = ['tutorial', 'four-spaces', 'anchors', 'profiles', 'windows'];

  it.each(names)('%s: keeps every byte that was there, and gets the load balancer', (name) => {
    const { before, text, added } = adopted(name);
    const at = text?.indexOf(added) ?? -1;
    const rest = `${text?.slice(0, at)}${text?.slice(at + added.length)}`;
    expect(rest.replace(/\s+/g, '')).toBe(before.replace(/\s+/g, ''));
    for (const line of before.split(/\r?\n/)) expect(text).toContain(line);
    const [then, now] = [parse(before, { merge: true }), parse(text ?? '', { merge: true })];
    expect(now.services.edge).toMatchObject({ image: 'haproxy:3.0-alpine' });
    delete now.services.edge;
    expect(now).toEqual(then);
  });

  it.each(names)('%s: needs nothing more when it is adopted again', (name) => {
    const { text } = adopted(name);
    expect(adopt(text ?? '', name, OPTIONS)).toMatchObject({ added: '', text });
  });

  it('finds the app and the database, whatever they are called', () => {
    const found = names.map((name) => adopted(name).roles);
    expect(found.map(({ web }) => web)).toEqual(['web', 'frontend', 'app', 'site', 'web']);
    expect(found.map(({ database }) => database)).toEqual([
      { service: 'db', kind: 'postgres' },
      { service: 'mongo', kind: 'mongo' },
      { service: 'database', kind: 'postgres' },
      { service: 'postgres', kind: 'postgres' },
      { service: 'db', kind: 'postgres' },
    ]);
  });

  it('has the load balancer on the app’s own networks', () => {
    expect(parse(adopted('four-spaces').text ?? '').services.edge.networks).toEqual(['internal']);
  });

  it('hears what of it will not be, and why', () => {
    const remarks = (name: string) => adopted(name).remarks.map(({ at, kind }) => [at, kind]);
    expect(remarks('tutorial')).toEqual([
      ['services.web.ports', 'ignored'],
      ['services.db.ports', 'ignored'],
    ]);
    expect(remarks('four-spaces')).toEqual([['services.mongo.container_name', 'ignored']]);
    expect(remarks('anchors')).toEqual([['services.database.shm_size', 'ignored']]);
    expect(remarks('profiles')).toContainEqual(['services.adminer.profiles', 'ignored']);
  });
});

describe('where somebody’s app listens', () => {
  it('is what it publishes, exposes, is told, or is asked at; what it answers, its health check', () => {
    const test = ['CMD', 'curl', '-f', 'http://localhost:8080/healthz'];
    expect(servedBy({ healthcheck: { test } })).toEqual({ port: 8080, ready: '/healthz' });
    expect(servedBy({ healthcheck: { test: 'wget http://127.0.0.1/up || exit 1' } })).toEqual({
      port: 3000,
      ready: '/up',
    });
    const ports = [{ ports: ['80:4000'] }, { expose: ['5000'] }, { environment: { PORT: 6000 } }];
    expect(ports.map((service) => servedBy(service).port)).toEqual([4000, 5000, 6000]);
    expect(servedBy({ ports: [`\${PORT:-80}:7000`] }).port).toBe(7000);
    expect(servedBy({})).toEqual({ port: 3000, ready: '/' });
  });
});

describe('directories that services mount', () => {
  it('are those of the project, and no files, names of volumes or places elsewhere', () => {
    const volumes = ['./data/db:/data', './data/db/:/b', 'named:/c', '/srv:/d', '.:/e', '../up:/f'];
    const long = [
      { type: 'bind', source: './logs', target: '/g' },
      './nginx.conf:/h:ro',
      '/i',
      './.portsync/edge:/j',
    ];
    const text = JSON.stringify({
      services: { web: { image: 'a', volumes }, db: { volumes: long } },
    });
    expect(bindDirs(parseCompose(text, 'f'))).toEqual(['data/db', 'logs']);
  });
});

describe('a compose file that is not adopted', () => {
  const refused = (name: string, options = {}) => {
    const { text, remarks } = adopted(name, options);
    expect(text).toBeNull();
    return remarks.filter(({ kind }) => kind === 'refused').map(({ at }) => at);
  };

  it('hears each thing that stands against it', () => {
    expect(refused('host-network')).toEqual([
      'services.web.network_mode',
      'services.web.extends',
      'services.web.env_file',
      'services.db.profiles',
    ]);
    expect(refused('one-line')).toEqual(['services']);
  });

  it('hears which name is PortSync’s own', () => {
    const text =
      'services:\n  web:\n    image: shop\n  edge:\n    image: nginx\n  web-blue: { image: x }\n';
    const { text: adoptedText, remarks } = adopt(text, 'f', OPTIONS);
    expect(adoptedText).toBeNull();
    expect(remarks.map(({ at }) => at)).toEqual(['services.edge', 'services.web-blue']);
  });

  it('hears what its image is built with that PortSync hands on to nobody', () => {
    const build = '{ context: ., target: runner, cache_from: [a], secrets: [npm] }';
    const { remarks } = adopt(`services:\n  web:\n    build: ${build}\n`, 'f', OPTIONS);
    expect(remarks.map(({ at, kind }) => [at, kind])).toEqual([
      ['services.web.build.cache_from', 'ignored'],
      ['services.web.build.secrets', 'refused'],
    ]);
  });

  it('hears which port is taken, and can be given another', () => {
    expect(refused('proxied')).toEqual(['services.nginx.ports']);
    expect(adopted('proxied', { httpPort: 8080 }).text).toContain('published: 8080');
  });

  it('hears that the app is not plain, and can be told', () => {
    expect(refused('two-apps')).toEqual(['services']);
    expect(adopted('two-apps', { web: 'storefront' }).roles.web).toBe('storefront');
    expect(refused('two-apps', { web: 'shop' })).toEqual(['services.shop']);
  });
});
