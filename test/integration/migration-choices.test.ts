import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { PHASES } from '../rig/moving/phases.ts';
import { MovingServers, smallDiskNeed } from '../rig/moving/servers.ts';
import { Story } from '../rig/moving/story.ts';
import { describeWith } from '../rig/needs.ts';
import { askPostgres } from '../rig/postgres.ts';

// Every story is a whole move, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

describeWith(smallDiskNeed, 'what PortSync cannot decide by itself', () => {
  let servers: MovingServers;
  let story: Story;
  beforeAll(async () => {
    servers = await MovingServers.start();
  });
  afterAll(() => servers?.close());
  beforeEach(async () => {
    story = await Story.begin(servers);
  });
  afterEach(() => story.close());

  const at = (side: 'source' | 'target', sql: string) => askPostgres(story.url(side), sql);
  const untilFailed = () => story.cli.until(({ state }) => state === 'failed', 'it has failed');

  it('is a new column at the old database: made at the new one, or the move is given up', async () => {
    await PHASES.ready(story);
    const column = "alter table bank_accounts add column owner text default 'nobody'";
    await at('source', column);
    // Row by row it would meet a transfer that has the same rows in another order.
    const lock = 'begin; lock table bank_accounts in share row exclusive mode';
    await at('source', `${lock}; update bank_accounts set owner = 'somebody'; commit`);
    expect((await untilFailed()).problem).toMatchObject({
      code: 'schema-changed',
      why: 'bank_accounts changed.',
      next: expect.stringMatching(/--accept-schema .*abort/),
    });
    await story.untilWritersGoOn();
    await at('target', column);
    expect(await story.cli.run(['--accept-schema', '--yes'])).toMatchObject({ state: 'ready' });
    await story.cli.run(['cutover', '--yes']);
    expect(await at('target', 'select distinct owner from bank_accounts')).toEqual([
      { owner: 'somebody' },
    ]);
    await story.cli.run(['finish', '--yes']);
    expect(await story.check('target')).toEqual([]);
  });

  it('is a new table: it goes, or the move is given up', async () => {
    await PHASES.ready(story);
    await at('source', 'create table later (id int primary key)');
    expect((await untilFailed()).problem).toMatchObject({
      code: 'schema-changed',
      why: 'later appeared.',
    });
    const refused = await story.cli.start(['--accept-schema', '--yes']).ended;
    expect(refused.result.error).toMatchObject({
      message: 'New tables cannot be taken along: later.',
      next: expect.stringMatching(/^Drop them.*abort/),
    });
    await at('source', 'drop table later');
    expect(await story.cli.run(['--accept-schema', '--yes'])).toMatchObject({ state: 'ready' });
    await at('source', 'create table later (id int primary key)');
    await untilFailed();
    await story.cli.run(['abort', '--drop-copy', '--yes']);
    expect([...(await story.left('source')), ...(await story.left('target'))]).toEqual([]);
    expect(await story.check('source')).toEqual([]);
  });

  it('is a log that grows beyond what the server may keep: it is let go, and told', async () => {
    await servers.source.query("alter system set max_slot_wal_keep_size = '64MB'");
    await servers.source.query('select pg_reload_conf()');
    try {
      await PHASES.ready(story);
      const keeper = await servers.target.connect({ database: story.database });
      story.keepers.push(keeper);
      await keeper.query('begin; lock table bank_entries');
      const log = 'insert into padding select -n, repeat(md5(n::text), 40) from generate_series(';
      for (let n = 0; n < 6; n += 1) await at('source', `${log}${n}0000, ${n}9999) n`);
      expect((await untilFailed()).problem).toMatchObject({
        code: 'feed-over-budget',
        next: expect.stringContaining('start the migration again'),
      });
      expect(await story.left('source')).not.toContainEqual(expect.stringContaining('slot'));
      await story.release();
      await story.cli.run(['abort', '--drop-copy', '--yes']);
      expect([...(await story.left('source')), ...(await story.left('target'))]).toEqual([]);
      expect(await story.check('source')).toEqual([]);
    } finally {
      await servers.source.query('alter system reset max_slot_wal_keep_size');
      await servers.source.query('select pg_reload_conf()');
    }
  });

  it('is a transaction that stays open: the cut-over goes back, names it, and can be tried again', async () => {
    const begin = ['-', '--yes', '--hold-cutover', '--deadline', '2000'];
    await story.cli.run(begin, story.target);
    const keeper = await servers.source.connect({ database: story.database });
    story.keepers.push(keeper);
    await keeper.query('begin; lock table bank_accounts in row share mode');
    const { code, result } = await story.cli.start(['cutover', '--yes']).ended;
    expect([code, result.error?.message]).toEqual([
      1,
      expect.stringMatching(/went back\. Nothing was lost\.$/),
    ]);
    expect(await story.cli.status()).toMatchObject({
      state: 'ready',
      cutover: { outcome: 'went-back' },
    });
    await story.untilWritersGoOn();
    expect(await story.writable()).toEqual(['source']);
    await story.release();
    await story.cli.run(['abort', '--drop-copy', '--yes']);
    expect([...(await story.left('source')), ...(await story.left('target'))]).toEqual([]);
    expect(await story.check('source')).toEqual([]);
  });

  it('is a Ctrl-C at a command that works by itself: everything is undone', async () => {
    const command = story.cli.start(['-', '--yes', '--no-detach', '--hold-cutover'], story.target);
    await story.cli.until(({ state }) => state === 'copying', 'it copies');
    command.kill('SIGINT');
    expect((await command.ended).code).toBe(130);
    expect(await story.cli.status()).toMatchObject({ state: 'aborted', worker: null });
    expect(await story.left('source')).toEqual([]);
    expect(await story.check('source')).toEqual([]);
  });
});
