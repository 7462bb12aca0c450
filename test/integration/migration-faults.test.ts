import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULTS, type Fault } from '../rig/moving/faults.ts';
import { PHASES, type Phase } from '../rig/moving/phases.ts';
import { MovingServers, smallDiskNeed } from '../rig/moving/servers.ts';
import { Story } from '../rig/moving/story.ts';
import { describeWith } from '../rig/needs.ts';
import { until } from '../rig/until.ts';

/** All of them take half an hour: npm run soak:migrate-faults. */
const EVERYTHING = process.env.PORTSYNC_EVERY_FAULT === '1';
const ALWAYS = new Set([
  'its worker is killed: past the decision',
  'the source restarts: freezing',
  'the target crashes: ready',
  'its connections are cut for a while: trying to cut over',
  'its password is wrong for a while: ready',
  'the disk of the target is full for a while: following',
  'another PortSync is started: switched',
]);

const phases = Object.keys(PHASES) as Phase[];
const cells = Object.entries(FAULTS).flatMap(([name, fault], n) =>
  (fault.phases ?? phases).map((phase, m) => ({
    name: `${name}: ${phase}`,
    fault,
    phase,
    ending: (n + m) % 2 === 0 ? 'goes on' : 'is given up',
  })),
);
const chosen = cells.filter(({ name }) => EVERYTHING || ALWAYS.has(name));

describeWith(smallDiskNeed, 'a move of a database in use', () => {
  let servers: MovingServers;
  beforeAll(async () => {
    servers = await MovingServers.start();
  });
  afterAll(() => servers?.close());

  for (const { name, fault, phase, ending } of chosen) {
    it(`${ending} when ${name}`, async () => {
      const story = await Story.begin(servers);
      try {
        await PHASES[phase](story);
        await fault.strike(story);
        await settle(story, fault);
        if (ending === 'goes on') await goOn(story);
        else await giveUp(story);
      } finally {
        await story.close();
      }
    }, 240_000);
  }
});

/** What was under way has ended, and everybody who asks is told how it stands. */
async function settle(story: Story, { harmless, mended }: Fault): Promise<void> {
  await story.release();
  for (const command of story.commands.splice(0)) {
    const { code, result } = await command.ended;
    if (harmless) expect(result).toMatchObject({ ok: true });
    if (code !== 0) expect(result.error?.message).toMatch(/\w/);
  }
  const { state, worker, problem } = await story.cli.status();
  if (state === 'failed') expect(problem).toMatchObject({ next: expect.stringMatching(/\w/) });
  if (harmless) expect(worker).not.toBeNull();
  const journal = await story.journal();
  // Until it is copied, nobody is kept from a target that no app knows of yet.
  if (journal.includes('copied')) expect((await story.writable()).length).toBeLessThanOrEqual(1);
  // A switch that was decided waits for whoever carries it out.
  if (mended || !journal.includes('switch')) await story.untilWritersGoOn();
}

/** To the other side, however far it came, and there for good. */
async function goOn(story: Story): Promise<void> {
  const { cli } = story;
  const { state } = await cli.run(['--yes']);
  if (state === 'ready' || state === 'returned') {
    await until(() => turns(story, 'cutover'), 60_000, 'the cut-over is through');
  }
  expect(await cli.status()).toMatchObject({ state: 'switched' });
  await theAppIsOn(story, 'target');
  await cli.until(({ wayBack }) => wayBack.open, 'the way back is open');
  await cli.run(['verify']);
  await cli.run(['finish', '--yes']);
  await theAppIsOn(story, 'target');
  expect(await story.check('target')).toEqual([]);
  await cli.run(['cleanup', '--lift-fence', '--yes']);
  expect([...(await story.left('source')), ...(await story.left('target'))]).toEqual([]);
}

/** Back to the old side where that is needed, and nothing stays at either. */
async function giveUp(story: Story): Promise<void> {
  const { cli } = story;
  if ((await story.journal()).includes('switch')) {
    const { state } = await cli.run(['--yes']);
    if (state === 'switched') {
      await cli.until(({ wayBack }) => wayBack.open, 'the way back is open');
      await until(() => turns(story, 'back'), 60_000, 'the way back is through');
    }
  }
  await cli.run(['abort', '--drop-copy', '--yes']);
  expect(await cli.status()).toMatchObject({ state: 'aborted', worker: null, problem: null });
  await theAppIsOn(story, 'source');
  expect(await story.check('source')).toEqual([]);
  expect([...(await story.left('source')), ...(await story.left('target'))]).toEqual([]);
}

/** A try on a busy machine may go back; that is no failure as long as another one gets through. */
async function turns({ cli }: Story, way: 'cutover' | 'back'): Promise<boolean> {
  const { code } = await cli.start([way, '--yes']).ended;
  return code === 0;
}

async function theAppIsOn(story: Story, side: 'source' | 'target'): Promise<void> {
  await story.untilWritersGoOn();
  expect([await story.writable(), await story.envNames()]).toEqual([[side], side]);
}
