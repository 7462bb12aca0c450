import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Caller } from '../rig/http-interface.ts';
import { APP_IMAGE, buildAppImage } from '../rig/images.ts';
import { startLoad } from '../rig/load.ts';
import { describeWith } from '../rig/needs.ts';
import { type SwarmRig, startSwarmRig, swarmNeed } from '../rig/swarm.ts';
import { until } from '../rig/until.ts';

const MINUTES = 60_000;
const PER_SECOND = 200;

describeWith(swarmNeed, 'an app on one machine with Docker', () => {
  let rig: SwarmRig;
  let someone: Caller;

  const run = async (...args: string[]) => {
    const ended = await rig.portsync(...args, '--json').ended;
    return { ...ended, code: ended.code };
  };
  const done = async (...args: string[]) => {
    const { code, result, stderr } = await run(...args);
    expect({ code, error: result.error, stderr }).toMatchObject({ code: 0, error: undefined });
    return result;
  };
  /** Runs `work` once the load flows, and lets it flow on a little. */
  const underLoad = async <T>(work: () => Promise<T>) => {
    const stop = startLoad(someone, PER_SECOND, 50);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const value = await work();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { failures, reads, writes, written } = await stop();
    expect(reads + writes).toBeGreaterThan(50);
    const kept = new Set(await someone.texts());
    expect(written.filter((text) => !kept.has(text))).toEqual([]);
    // One line for each way to fail: thousands of them take the runner minutes to print.
    return { value, failures: [...new Set(failures)] };
  };
  const colour = async () => {
    const { headers } = await someone.send('GET', '/api/health');
    return /web-(blue|green)/.exec(headers.get('x-portsync-replica') ?? '')?.[1];
  };

  beforeAll(async () => {
    rig = await startSwarmRig();
    someone = new Caller(rig.url);
    const { docker } = rig.engine;
    await buildAppImage(docker, 'notes-app:2');
    const say = (text: string) => `CMD ["node", "-e", "${text}"]`;
    await buildAppImage(docker, 'notes-app:bad', [
      say("console.log('no such module'); process.exit(3)"),
    ]);
    await buildAppImage(docker, 'notes-app:deaf', [
      'HEALTHCHECK --interval=1s --timeout=5s CMD ["false"]',
      say("console.log('deaf'); setInterval(() => {}, 1000)"),
    ]);
  }, 6 * MINUTES);

  afterAll(() => rig?.close(), 2 * MINUTES);

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

  it(
    'runs after up: people sign up, and write notes',
    async () => {
      const settings = 'app: shop\nweb:\n  replicas: 2\nrollout:\n  watchSeconds: 2\n';
      await writeFile(join(rig.dir, 'portsync.yaml'), settings);
      await done('up', '--yes');
      await someone.signUp();
      await someone.write('first');
      expect(await someone.texts()).toEqual(['first']);
    },
    8 * MINUTES,
  );

  it('is left alone by another up', async () => {
    expect(await done('up', '--yes')).toMatchObject({ changed: false, plan: [] });
  });

  it(
    'gets a new image under load, and no request fails',
    async () => {
      const before = await colour();
      const { failures } = await underLoad(() => done('deploy', 'notes-app:2', '--yes'));
      expect(failures).toEqual([]);
      expect(await colour()).not.toBe(before);
    },
    6 * MINUTES,
  );

  it(
    'goes back to what was before',
    async () => {
      const { failures } = await underLoad(() => done('rollback', '--yes'));
      expect(failures).toEqual([]);
    },
    6 * MINUTES,
  );

  it(
    'keeps serving when an image does not start, and says what its log said',
    async () => {
      const before = await colour();
      const { failures, value } = await underLoad(() => run('deploy', 'notes-app:bad', '--yes'));
      expect(value.code).toBe(1);
      expect(value.result.error).toMatchObject({
        code: 'replica-not-healthy',
        why: 'no such module',
      });
      expect([failures, await colour()]).toEqual([[], before]);
    },
    6 * MINUTES,
  );

  it(
    'ends with down, and its data stays unless it is named',
    async () => {
      await done('down', '--yes');
      const { docker } = rig.engine;
      expect(await docker.listServices()).toEqual([]);
      await until(
        async () => (await docker.listContainers()).length === 0,
        MINUTES,
        'nothing runs',
      );
      expect((await docker.listVolumes()).Volumes.map(({ Name }) => Name)).toContain('shop_db');
    },
    3 * MINUTES,
  );
});
