import type { MigrationState } from '../../../src/model/migration.ts';
import { askPostgres } from '../postgres.ts';
import type { Story } from './story.ts';

// The machine may be busy; the deadline is the subject elsewhere.
const DEADLINE_MS = '20000';
const BACKLOG = `insert into backlog (text) select md5(n::text) from generate_series(1, 150000) n`;

/** A fault that comes too late for the copy meets what follows it. */
const PAST: readonly MigrationState[] = ['following', 'ready'];

/** How a story gets to where the fault is to meet it. */
export const PHASES = {
  copying: async (story: Story) => {
    const args = ['-', '--yes', '--hold-cutover', '--deadline', DEADLINE_MS];
    story.commands.push(story.cli.start(args, story.target));
    await story.cli.until(
      ({ state, copy }) => (state === 'copying' ? copy?.step === 'data' : PAST.includes(state)),
      'rows are copied',
    );
  },
  following: async (story: Story) => {
    await PHASES.copying(story);
    await askPostgres(story.url('source'), BACKLOG);
    await story.cli.until(({ follow }) => follow !== null, 'changes are followed');
  },
  ready: async (story: Story) => {
    await PHASES.copying(story);
    await story.cli.until(({ state }) => state === 'ready', 'it is in step');
    await done(story);
  },
  'trying to cut over': async (story: Story) => {
    await PHASES.ready(story);
    story.commands.push(story.cli.start(['cutover', '--yes']));
    await story.untilNoted('try');
  },
  freezing: async (story: Story) => {
    await PHASES.ready(story);
    const keeper = await story.servers.source.connect({ database: story.database });
    story.keepers.push(keeper);
    await keeper.query('begin; lock table bank_accounts in row share mode');
    story.commands.push(story.cli.start(['cutover', '--yes']));
    const waits = ({ step, state }: { step: string; state: string }) =>
      step === 'freeze' && state === 'doing';
    await story.cli.until(({ cutover }) => cutover?.steps.some(waits), 'it wants to freeze');
  },
  'past the decision': async (story: Story) => {
    await PHASES.ready(story);
    story.commands.push(story.cli.start(['cutover', '--yes']));
    await story.untilNoted('switch');
  },
  switched: async (story: Story) => {
    await PHASES.ready(story);
    await story.cli.run(['cutover', '--yes']);
    await story.cli.until(({ wayBack }) => wayBack.open, 'the way back is open');
  },
  'going back': async (story: Story) => {
    await PHASES.switched(story);
    story.commands.push(story.cli.start(['back', '--yes']));
    await story.untilNoted('try', 2);
  },
} satisfies Record<string, (story: Story) => Promise<void>>;

export type Phase = keyof typeof PHASES;

async function done(story: Story): Promise<void> {
  for (const command of story.commands.splice(0)) await command.ended;
}
