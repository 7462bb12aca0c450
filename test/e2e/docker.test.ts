import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Caller } from '../rig/http-interface.ts';
import { APP_IMAGE, buildAppImage } from '../rig/images.ts';
import { startLoad } from '../rig/load.ts';
import { describeWith } from '../rig/needs.ts';
import { type SwarmRig, startSwarmRig, swarmNeed } from '../rig/swarm.ts';
import { until } from '../rig/until.ts';

const MINUTE = 60_000;
const PER_SECOND = 200;
const AT_ONCE = 50;

vi.setConfig({ testTimeout: 8 * MINUTE, hookTimeout: 6 * MINUTE });

/** Fails when it is run a second time, and where the app's environment or its network is missing. */
const MIGRATE =
  "release: /usr/lib/postgresql/17/bin/psql $DATABASE_URL -c 'create table released (n int)'";

interface Pane {
  state: string;
  items: unknown[];
}

describeWith(swarmNeed, 'an app on one machine with Docker', () => {
  let rig: SwarmRig;
  let someone: Caller;

  const run = (...args: string[]) => rig.portsync(...args, '--json').ended;
  const done = async (...args: string[]) => {
    const { code, result, stderr } = await run(...args);
    expect({ code, error: result.error, stderr }).toMatchObject({ code: 0, error: undefined });
    return result;
  };

  /** Runs `work` once the load flows; answers in which ways requests failed, none in the best case. */
  async function underLoad<T>(work: () => Promise<T>) {
    const stop = startLoad(someone, PER_SECOND, AT_ONCE);
    await pause(500);
    const value = await work().finally(() => pause(500));
    const { failures, reads, writes, written } = await stop();
    expect(reads + writes).toBeGreaterThan(50);
    const kept = new Set(await someone.texts());
    expect(written.filter((text) => !kept.has(text))).toEqual([]);
    return { value, failures: [...new Set(failures)] };
  }

  /** `lines` go into portsync.yaml, below `rollout:`, while `work` runs. */
  async function withRollout<T>(lines: readonly string[], work: () => Promise<T>): Promise<T> {
    const file = join(rig.dir, 'portsync.yaml');
    const before = await readFile(file, 'utf8');
    const [head = ''] = before.split('rollout:');
    await writeFile(file, [`${head}rollout:`, ...lines].join('\n  '));
    return work().finally(() => writeFile(file, before));
  }

  async function names(): Promise<Array<string | undefined>> {
    return (await rig.engine.docker.listServices()).map(({ Spec }) => Spec?.Name);
  }

  async function colour(): Promise<string | undefined> {
    const { headers } = await someone.send('GET', '/api/health');
    return /web-(blue|green)/.exec(headers.get('x-portsync-replica') ?? '')?.[1];
  }

  beforeAll(async () => {
    rig = await startSwarmRig();
    someone = new Caller(rig.url);
    await buildIllImages(rig);
  });

  afterAll(() => rig?.close());

  it('is written down by init: a compose file, a private .env with new secrets, settings', async () => {
    const result = await done('init', rig.dir, '--app', 'shop', '--image', APP_IMAGE, '--yes');
    expect(result.files).toEqual(['docker-compose.yml', 'portsync.yaml']);
    const env = join(rig.dir, '.env');
    expect((await stat(env)).mode & 0o777).toBe(0o600);
    const secret = /^POSTGRES_PASSWORD=(\S+)$/m.exec(await readFile(env, 'utf8'))?.[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    expect(await readFile(join(rig.dir, 'docker-compose.yml'), 'utf8')).not.toContain(secret);
    const again = await done('init', rig.dir, '--image', 'other:1', '--yes');
    expect([again.files, again.env]).toEqual([[], []]);
  });

  it('runs after up: people sign up, and write notes', async () => {
    const settings = ['app: shop', 'web:', '  replicas: 2', 'rollout:', '  watchSeconds: 5'];
    await writeFile(join(rig.dir, 'portsync.yaml'), settings.join('\n'));
    await done('up', '--yes');
    await someone.signUp();
    await someone.write('first');
    expect(await someone.texts()).toEqual(['first']);
  });

  it('is left alone by another up', async () => {
    expect(await done('up', '--yes')).toMatchObject({ changed: false, plan: [] });
  });

  it('is seen whole: containers, figures, and the database that nobody else reaches', async () => {
    const seen = async () => {
      const { result } = await run('status');
      const panes = ['containers', 'database', 'traffic'].map((name) => result[name] as Pane);
      return panes.every(({ state, items }) => state === 'ready' && items.length > 0);
    };
    await until(seen, 2 * MINUTE, 'everything is ready');
    const services = await rig.engine.docker.listServices();
    const published = services.filter(({ Endpoint }) => (Endpoint?.Ports ?? []).length > 0);
    expect(published.map(({ Spec }) => Spec?.Name)).toEqual(['shop_edge']);
  });

  it('gets a new image under load, and no request fails', async () => {
    const before = await colour();
    const deployed = () =>
      withRollout(['watchSeconds: 5', MIGRATE], () => done('deploy', 'notes-app:2', '--yes'));
    const { failures } = await underLoad(deployed);
    expect(failures).toEqual([]);
    expect(await colour()).not.toBe(before);
  });

  it('has its release command run once in a deploy, whose failure stops it', async () => {
    const before = [await names(), await colour()];
    const again = await withRollout([MIGRATE], () => run('deploy', 'notes-app:1', '--yes'));
    expect(again.result.error).toMatchObject({ code: 'release-failed' });
    expect(again.result.error?.why).toContain('relation "released" already exists');
    expect([await names(), await colour()]).toEqual(before);
  });

  it('loses a release command that was killed with its deploy', async () => {
    const before = [await names(), await colour()];
    await withRollout(["release: trap 'exit 1' TERM; sleep 300 & wait"], async () => {
      const deploy = rig.portsync('deploy', 'notes-app:1', '--yes', '--json');
      const runs = async () => (await names()).includes('shop_web-release');
      await until(runs, MINUTE, 'the release command runs');
      deploy.kill('SIGKILL');
      await deploy.ended;
      const { recovered } = await done('recover');
      expect(recovered).toEqual([expect.objectContaining({ outcome: 'undone' })]);
    });
    expect([await names(), await colour()]).toEqual(before);
  });

  it('goes back to what was before', async () => {
    const before = await colour();
    const { failures } = await underLoad(() => done('rollback', '--yes'));
    expect([failures, await colour()]).toEqual([[], before === 'blue' ? 'green' : 'blue']);
  });

  it('keeps serving when an image ends at once, and says what its log said', async () => {
    const before = await colour();
    const { failures, value } = await underLoad(() => run('deploy', 'notes-app:bad', '--yes'));
    const why = 'no such module';
    expect(value.result.error).toMatchObject({ code: 'replica-not-healthy', why });
    expect([value.code, failures, await colour()]).toEqual([1, [], before]);
  });

  it('keeps serving when replicas never get healthy, or their image is nowhere', async () => {
    const before = await colour();
    const deploys = async () => [
      await run('deploy', 'notes-app:deaf', '--yes'),
      await run('deploy', NOWHERE, '--yes'),
    ];
    const { failures, value } = await underLoad(() => withRollout(['healthySeconds: 10'], deploys));
    const [deaf, nowhere] = value.map(({ result }) => result.error);
    expect(deaf).toMatchObject({ code: 'replica-not-healthy', why: 'deaf' });
    expect(nowhere?.message).toContain(`there is no image ${NOWHERE}`);
    expect([failures, await colour()]).toEqual([[], before]);
  });

  it('goes back by itself when the new replicas die while they are watched, for 75 s', async () => {
    const before = await colour();
    const { failures, value } = await withRollout(['healthySeconds: 120'], async () => {
      const { plan } = await done('deploy', 'notes-app:frail', '--dry-run');
      expect(JSON.stringify(plan)).toMatch(/watch \w+ for 75 s/);
      return underLoad(() => run('deploy', 'notes-app:frail', '--yes'));
    });
    expect(value.result.error?.code).toMatch(/^replica-(died|not-healthy)$/);
    expect([value.code, await colour()]).toEqual([1, before]);
    // Whatever was being written on a replica at the moment it died cannot be asked for again.
    expect(failures.filter((failure) => failure.startsWith('GET'))).toEqual([]);
  });

  it('is made whole by the next command after a deploy was killed', async () => {
    const before = await colour();
    const { failures } = await underLoad(async () => {
      const deploy = rig.portsync('deploy', 'notes-app:2', '--yes', '--json');
      await until(() => isStarted(rig, 'notes-app:2'), 2 * MINUTE, 'the new colour starts');
      deploy.kill('SIGKILL');
      await deploy.ended;
      const { recovered } = await done('recover');
      expect(recovered).toEqual([expect.objectContaining({ outcome: 'undone' })]);
    });
    expect([failures, await colour()]).toEqual([[], before]);
    await done('deploy', 'notes-app:2', '--yes');
    expect(await colour()).not.toBe(before);
  });

  it('comes back by itself when the engine is started again', async () => {
    await rig.engine.kill();
    await rig.engine.start();
    const serves = () => someone.texts().then(Boolean, () => false);
    await until(serves, 5 * MINUTE, 'it serves again');
    expect(await someone.texts()).toContain('first');
    expect(await done('up', '--yes')).toMatchObject({ changed: false });
  });

  it('ends with down, and its data stays unless its volume is named', async () => {
    const { docker } = rig.engine;
    await done('down', '--yes');
    expect(await docker.listServices()).toEqual([]);
    expect(await docker.listContainers()).toEqual([]);
    const volumes = async () => (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
    expect(await volumes()).toContain('shop_db');
    await done('down', '--remove-volume', 'shop_db', '--yes');
    expect(await volumes()).not.toContain('shop_db');
  });
});

/** Where the answer comes at once: Swarm waits for a registry that gives none. */
const NOWHERE = '127.0.0.1:9/notes-app:1';

/** As the first process of a container it would else be deaf to that too, for the whole grace period. */
const ENDS = "process.on('SIGTERM', () => process.exit(0))";

async function buildIllImages({ engine }: SwarmRig): Promise<void> {
  const script = (text: string) => `CMD ["node", "-e", ${JSON.stringify(text)}]`;
  const check = 'HEALTHCHECK --interval=1s CMD ["false"]';
  const images = {
    'notes-app:2': [],
    'notes-app:bad': [script("console.log('no such module'); process.exit(3)")],
    'notes-app:deaf': [check, script(`console.log('deaf'); ${ENDS}; setInterval(() => {}, 1000)`)],
    'notes-app:frail': [script("setTimeout(() => process.exit(4), 30000); import('/app/app.mjs')")],
  };
  for (const [name, lines] of Object.entries(images)) {
    await buildAppImage(engine.docker, name, lines);
  }
}

async function isStarted({ engine }: SwarmRig, image: string): Promise<boolean> {
  const tasks = await engine.docker.listTasks();
  return tasks.some(
    ({ DesiredState, Spec }) => DesiredState === 'running' && JSON.stringify(Spec).includes(image),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
