import { describe, expect, it } from 'vitest';
import { baseStack } from '../../src/services/swarm/base-stack.ts';
import { parseCompose, record } from '../../src/services/swarm/compose.ts';
import { interpolate, interpolated } from '../../src/services/swarm/interpolate.ts';
import { hostPorts, portsOf } from '../../src/services/swarm/ports.ts';
import { releaseStack } from '../../src/services/swarm/release-stack.ts';
import { LABELS, webPrint, webStack } from '../../src/services/swarm/stack.ts';

const TEXT = `
name: shop
x-logging: &logging
  logging: { driver: local }
services:
  web:
    <<: *logging
    build: .
    image: shop:1
    container_name: shop-web
    env_file: .env
    environment:
      - FROM_FILE=$GREETING
      - JWT_SECRET=of the file
    ports: ["3000:3000"]
    depends_on: { db: { condition: service_healthy } }
    networks: { back: { aliases: [web-blue] } }
    labels: { team: a }
  db:
    image: postgres:16
    restart: unless-stopped
    environment: { POSTGRES_PASSWORD: "\${POSTGRES_PASSWORD}" }
    ports: ["5432:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
  mail:
    image: mailpit
    profiles: [dev]
  worker:
    image: shop:1
    restart: on-failure:3
    env_file: [.env]
    deploy: { resources: { limits: { memory: 1g } } }
volumes: { data: {} }
networks: { back: { driver: bridge } }
`;

const compose = parseCompose(TEXT, 'docker-compose.yml');
const web = (changes = {}) => ({
  colour: 'green' as const,
  image: 'shop:2',
  imageId: null,
  env: new Map([
    ['JWT_SECRET', 'pa$$word'],
    ['GREETING', 'hello'],
  ]),
  replicas: 3,
  memoryBytes: 256 * 2 ** 20,
  start: 'first',
  ...changes,
});

describe('the release command', () => {
  const command = ['/bin/sh', '-c', 'migrate $DATABASE_URL'];
  const { services } = releaseStack(compose, 'web', web(), command);
  const service = services['web-release'] ?? {};

  it('has the image, environment and networks of a replica', () => {
    const replica = webStack(compose, 'web', web()).services['web-green'];
    const { image, environment, networks } = replica ?? {};
    expect(Object.keys(services)).toEqual(['web-release']);
    expect(service).toMatchObject({ image, environment, networks });
  });

  it('runs once, is never taken for a replica, and leaves variables to its shell', () => {
    expect(service).toMatchObject({
      command: ['/bin/sh', '-c', 'migrate $$DATABASE_URL'],
      healthcheck: { disable: true },
      deploy: { replicas: 1, restart_policy: { condition: 'none' } },
    });
    expect(JSON.stringify(service)).not.toContain(LABELS.colour);
  });
});

describe('a colour of the app', () => {
  const stack = webStack(compose, 'web', web());
  const service = stack.services['web-green'] ?? {};

  it('is the web service under another name, and no other service', () => {
    expect(Object.keys(stack.services)).toEqual(['web-green']);
    expect(service).toMatchObject({
      image: 'shop:2',
      logging: { driver: 'local' },
      labels: { team: 'a', [LABELS.colour]: 'green', [LABELS.start]: 'first' },
      deploy: {
        replicas: 3,
        endpoint_mode: 'dnsrr',
        resources: { limits: { memory: '268435456' } },
      },
    });
  });

  it('gets the environment it is given, over what the file says', () => {
    expect(service.environment).toEqual({
      PORTSYNC_REPLICA: '{{.Service.Name}}.{{.Task.Slot}}',
      FROM_FILE: '$GREETING',
      JWT_SECRET: 'pa$$$$word',
      GREETING: 'hello',
    });
  });

  it('publishes nothing, and leaves out what a swarm does not know', () => {
    for (const key of ['ports', 'build', 'container_name', 'depends_on', 'env_file', 'restart']) {
      expect(service[key]).toBeUndefined();
    }
    expect(service.networks).toEqual(['back']);
    expect(stack.networks).toEqual({ default: {}, back: {} });
  });

  it('is known by the id of an image that no registry has', () => {
    const imageId = `sha256:${'a'.repeat(64)}`;
    const local = webStack(compose, 'web', web({ imageId })).services['web-green'];
    expect(local).toMatchObject({ image: imageId, labels: { [LABELS.image]: 'shop:2' } });
  });

  it('would have to be made anew when its settings, environment or limit change', () => {
    const print = (changes = {}) => webPrint(compose, 'web', web(changes));
    expect(print()).toBe(print({ start: 'second', replicas: 5, image: 'shop:3' }));
    expect(print({ memoryBytes: null })).not.toBe(print());
    expect(print({ env: new Map([['JWT_SECRET', 'other']]) })).not.toBe(print());
  });
});

describe('everything besides the app', () => {
  const env = new Map([
    ['POSTGRES_PASSWORD', 'one'],
    ['SMTP_PASSWORD', 'a$b'],
  ]);
  const patches = new Map([
    [
      'db',
      { pinnedTo: 'node1', memoryBytes: 2 ** 29, command: ['postgres', '-c', 'x=y'], hidden: true },
    ],
  ]);
  const stack = baseStack(compose, 'web', env, patches, false);

  it('is every service that is always there', () => {
    expect(Object.keys(stack.services)).toEqual(['db', 'worker']);
  });

  it('is on networks that are encrypted where the kernel can', () => {
    const { networks } = baseStack(compose, 'web', env, patches, true);
    const encrypted = { driver_opts: { encrypted: '' } };
    expect(networks).toEqual({ default: encrypted, back: encrypted });
    expect(stack.networks).toEqual({ default: {}, back: {} });
  });

  it('keeps the database where its files are, unpublished, sized for the machine', () => {
    expect(stack.services.db).toMatchObject({
      command: ['postgres', '-c', 'x=y'],
      deploy: {
        placement: { constraints: ['node.id == node1'] },
        resources: { limits: { memory: '536870912' } },
        restart_policy: { condition: 'any' },
      },
    });
    expect(stack.services.db?.ports).toBeUndefined();
  });

  it('takes the .env in the place of env_file, with its dollars meant as such', () => {
    expect(stack.services.worker?.environment).toEqual({
      POSTGRES_PASSWORD: 'one',
      SMTP_PASSWORD: 'a$$b',
    });
    expect(stack.services.worker).toMatchObject({
      deploy: {
        restart_policy: { condition: 'on-failure' },
        resources: { limits: { memory: '1g' } },
      },
    });
  });

  it('is not replaced because a variable of another service changed', () => {
    const print = (name: string, value: string, service: string) => {
      const changed = baseStack(compose, 'web', new Map([...env, [name, value]]), patches, false);
      return record(record(changed.services[service], 'deploy'), 'labels')[LABELS.print];
    };
    const before = record(record(stack.services.db, 'deploy'), 'labels')[LABELS.print];
    expect(print('SMTP_PASSWORD', 'other', 'db')).toBe(before);
    expect(print('POSTGRES_PASSWORD', 'other', 'db')).not.toBe(before);
  });
});

describe('published ports', () => {
  it('are read in every form that a compose file has', () => {
    const entry = (published: number | null, target: number, more = {}) => ({
      hostIp: null,
      published,
      target,
      protocol: 'tcp',
      ...more,
    });
    expect(portsOf(['80:3000', 443, '8000-8001:80-81', '127.0.0.1:53:53/udp', '$PORT:80'])).toEqual(
      [
        entry(80, 3000),
        entry(null, 443),
        entry(8000, 80),
        entry(8001, 81),
        entry(53, 53, { hostIp: '127.0.0.1', protocol: 'udp' }),
        null,
      ],
    );
    expect(portsOf([{ target: 80, published: '8080', mode: 'host' }])).toEqual([entry(8080, 80)]);
  });

  it('are given to a swarm where they are for everybody', () => {
    expect(hostPorts(['80:3000', '127.0.0.1:5432:5432', 9000])).toEqual([
      { target: 3000, published: 80, protocol: 'tcp', mode: 'host' },
    ]);
  });
});

describe('variables in a compose file', () => {
  it('are read as docker compose reads them', () => {
    const values: Record<string, string> = { A: 'a', EMPTY: '' };
    const read = (text: string) => interpolate(text, (name) => values[name]);
    expect(read(`$A \${A} $$A \${NONE} \${NONE:-d} \${EMPTY:-d} \${EMPTY-d}`)).toBe('a a $A  d d ');
    expect(read(`\${A:+there} \${NONE+there}| \${NONE:-\${A}/b} \${A:?must}`)).toBe(
      'there | a/b a',
    );
    expect(interpolated({ args: ['X=$A', 1], of: null }, (name) => values[name])).toEqual({
      args: ['X=a', 1],
      of: null,
    });
  });
});

describe('what only docker compose has heard of', () => {
  const text = `
services:
  web: { image: a, gpus: all, annotations: [x], x-own: 1 }
  db:
    image: b
    healthcheck: { test: [CMD, "true"], start_interval: 1s }
    volumes: [{ type: bind, source: ./a, target: /a, bind: { create_host_path: true } }]
`;
  const all = parseCompose(text, 'f');

  it('is left out of what goes to docker stack deploy', () => {
    const { services } = baseStack(all, 'web', new Map(), new Map(), false);
    const plain = JSON.parse(JSON.stringify(services.db));
    expect(plain.healthcheck).toEqual({ test: ['CMD', 'true'] });
    expect(plain.volumes).toEqual([{ type: 'bind', source: './a', target: '/a', bind: {} }]);
    const colour = JSON.parse(JSON.stringify(webStack(all, 'web', web()).services['web-green']));
    for (const key of ['gpus', 'annotations', 'x-own']) expect(colour).not.toHaveProperty(key);
  });
});

describe('a compose file', () => {
  it('that is no YAML, or has no services, is refused by its line', () => {
    expect(() => parseCompose('services: [', 'f')).toThrow(
      expect.objectContaining({ code: 'compose-invalid' }),
    );
    expect(() => parseCompose('a: 1', 'f')).toThrow(
      expect.objectContaining({ why: 'It has no services.' }),
    );
    const text = 'services:\n  web: nginx\n';
    expect(() => parseCompose(text, 'f')).toThrow(
      expect.objectContaining({ why: 'The service web is not a mapping.' }),
    );
  });
});
