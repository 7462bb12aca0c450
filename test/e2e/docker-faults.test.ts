import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { Journal } from '../../src/services/journal/journal.ts';
import { bundle } from '../rig/bundle.ts';
import type { Caller } from '../rig/http-interface.ts';
import { startLoad } from '../rig/load.ts';
import { describeWith } from '../rig/needs.ts';
import { mustRun, startShop } from '../rig/shop.ts';
import { POINTS, type Point, standStillAt } from '../rig/standing-still.ts';
import { type SwarmRig, startSwarmRig, swarmNeed, variableOfReplicas } from '../rig/swarm.ts';
import { until } from '../rig/until.ts';

const PER_SECOND = 60;
const AT_ONCE = 50;
const SERVES_AGAIN_MS = 5 * 60_000;

vi.setConfig({ testTimeout: 8 * 60_000, hookTimeout: 6 * 60_000 });

/** All of them take ten minutes: `npm run soak:docker`. */
const points = (...usual: Point[0][]): readonly Point[] =>
  process.env.PORTSYNC_EVERY_FAULT ? POINTS : POINTS.filter(([point]) => usual.includes(point));

describeWith(swarmNeed, 'a rollout on Docker', () => {
  let rig: SwarmRig;
  let someone: Caller;
  let worker: string;
  let rounds = 0;

  const greetings = () => variableOfReplicas(rig, someone, 'GREETING');
  const greetingInFile = async () => parse(await readFile(join(rig.dir, '.env'), 'utf8')).GREETING;

  /** Starts a rollout of another GREETING, which stands still at `point`. */
  async function cutOffAt(point: string) {
    rounds += 1;
    const value = `round ${rounds}`;
    const args = [rig.dir, point, 'GREETING', value];
    return { value, process: await standStillAt(worker, args, rig.around) };
  }

  /** The names and states of colours that have replicas to run, from Docker's own list. */
  async function running(): Promise<string[]> {
    const services = await rig.engine.docker.listServices();
    const web = services.filter(({ Spec }) => /web-(blue|green)/.test(Spec?.Name ?? ''));
    return web.flatMap(({ Spec }) => {
      const replicas = Spec?.Mode?.Replicated?.Replicas ?? 0;
      return replicas > 0 ? [`${Spec?.Name} ${replicas}`] : [];
    });
  }

  /** One colour with both its replicas, the .env's greeting in each, no open job; then all is well. */
  async function isWhole(outcome: string, before: string | undefined, value: string) {
    expect(await greetingInFile()).toBe(outcome === 'done' ? value : before);
    await until(
      async () => (await answering()).size === 2,
      SERVES_AGAIN_MS,
      'both replicas answer',
    );
    expect(await running()).toEqual([expect.stringMatching(/^shop_web-(blue|green) 2$/)]);
    const wanted = await greetingInFile();
    expect(await greetings()).toEqual([wanted, wanted]);
    expect(await new Journal(rig.dir).unfinished()).toEqual([]);
  }

  async function answering(): Promise<Set<string>> {
    const asked = Array.from({ length: 8 }, () => someone.send('GET', '/api/ready'));
    const answers = await Promise.allSettled(asked);
    const names = answers.flatMap((answer) => {
      const name = answer.status === 'fulfilled' && answer.value.headers.get('x-portsync-replica');
      return name && answer.value.status === 200 ? [name] : [];
    });
    return new Set(names);
  }

  beforeAll(async () => {
    rig = await startSwarmRig();
    someone = await startShop(rig, 'watchSeconds: 1');
    const source = new URL('../rig/rollout-worker.ts', import.meta.url).pathname;
    worker = await bundle(source, join(rig.dir, '..'));
  });
  afterAll(async () => {
    await rig?.close();
    if (worker) await rm(worker, { force: true });
  });

  it.each(points('after start', 'after switchTo', 'before stop'))(
    'whose process is killed %s is %s by the next command, and no request fails',
    async (point, outcome) => {
      const before = await greetingInFile();
      const load = startLoad(someone, PER_SECOND, AT_ONCE);
      onTestFinished(async () => void (await load()));
      const { value, process } = await cutOffAt(point);
      await process.kill();
      const { recovered } = await mustRun(rig, 'recover');
      const { failures, written } = await load();
      expect([...new Set(failures)]).toEqual([]);
      expect(await someone.texts()).toEqual(expect.arrayContaining(written));
      expect(recovered).toEqual([expect.objectContaining({ outcome })]);
      await isWhole(outcome, before, value);
    },
  );

  it.each(points('before switchTo'))(
    'whose engine is killed %s is made whole by the next command',
    async (point) => {
      const before = await greetingInFile();
      const { value, process } = await cutOffAt(point);
      await rig.engine.kill();
      await process.kill();
      await rig.engine.start();
      await becomesWhole(before, value);
    },
  );

  it.each(points('before drained'))(
    'whose machine loses its power %s is made whole by the next command',
    async (point) => {
      const before = await greetingInFile();
      const { value, process } = await cutOffAt(point);
      await process.kill();
      await rig.engine.cutPower();
      await rig.engine.start();
      await becomesWhole(before, value);
    },
  );

  async function becomesWhole(before: string | undefined, value: string): Promise<void> {
    const { recovered } = await mustRun(rig, 'recover');
    const [{ outcome } = { outcome: '' }] = recovered as Array<{ outcome: string }>;
    expect(['done', 'undone']).toContain(outcome);
    await isWhole(outcome, before, value);
  }
});
