import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverUser } from '../../src/services/lab/machine/user.ts';
import { feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { until } from '../rig/until.ts';

describeWith(needMount(), 'following PostgreSQL onto a disk that is full', () => {
  let pair: Pair;
  let disk: string;
  beforeAll(async () => {
    pair = await startPair();
    disk = await mkdtemp(join(tmpdir(), 'portsync-test-disk-'));
    const user = await serverUser(limit());
    const owner = user ? `,uid=${user.uid},gid=${user.gid}` : '';
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=6m,mode=700${owner}`, 'portsync-test', disk]);
    await chmod(disk, 0o700);
    await pair.target.query(`create tablespace small location '${disk}'`);
    await pair.source.query('create table notes (id int primary key, text text)');
    await pair.target.query('create table notes (id int primary key, text text) tablespace small');
    await feedOf(pair);
  });
  afterAll(async () => {
    await pair?.close();
    execFileSync('umount', [disk]);
    await rm(disk, { recursive: true });
  });

  it('waits and says so, and goes on when there is room', async () => {
    const follow = await pair.follow();
    await pair.source.query(
      "insert into notes select i, repeat('x', 1000) from generate_series(1, 12000) i",
    );
    await until(() => pair.progress?.waiting?.code === 'database-resources', 60_000);
    expect(pair.progress?.waiting?.next).toContain('disk');
    expect(await pair.target.query('select count(*)::int as n from notes')).toEqual([{ n: 0 }]);
    execFileSync('mount', ['-o', 'remount,size=100m', disk]);
    await follow.caughtUp(limit());
    await until(() => pair.progress?.waiting === null);
    expect(await pair.target.query('select count(*)::int as n from notes')).toEqual([{ n: 12000 }]);
  });
});

function needMount(): Need {
  const root = process.getuid?.() === 0 && process.platform === 'linux';
  return {
    name: 'a small disk',
    missing: root ? null : 'run as root on Linux, which may mount one',
  };
}
