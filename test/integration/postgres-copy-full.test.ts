import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSame } from '../rig/compare.ts';
import { copyAll } from '../rig/copying.ts';
import { describeWith } from '../rig/needs.ts';
import { askPostgres, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { mount, resize, smallDisk, unmount } from '../rig/small-disk.ts';
import { makeDatabase } from '../rig/test-schemas.ts';

describeWith(smallDisk(), 'A target whose disk fills up during the copy', () => {
  let source: TestPostgres;
  let target: TestPostgres;
  let disk: string;
  beforeAll(async () => {
    [source, target] = await Promise.all([startPostgres(), startPostgres()]);
    disk = join(target.dir, 'disk');
    mkdirSync(disk);
    mount(disk, '20m');
    const { uid, gid } = statSync(target.data);
    chownSync(disk, uid, gid);
    chmodSync(disk, 0o700);
  });
  afterAll(async () => {
    await target?.stop('immediate');
    if (disk) unmount(disk);
    await target?.close();
    await source?.close();
  });

  it('is named with the table, and the copy goes on when there is room', async () => {
    const from = await makeDatabase(source, 'wide', null);
    await askPostgres(
      from,
      `create table small (id int primary key); insert into small values (1);
       create table wide (body text); alter table wide alter body set storage external;
       insert into wide select repeat(md5(n::text), 2000) from generate_series(1, 500) n`,
    );
    await target.query(`create tablespace tight location '${disk}'`);
    await target.query('create database wide tablespace tight');
    const to = target.url({ database: 'wide' });
    await expect(copyAll({ source: from, target: to })).rejects.toMatchObject({
      code: 'database-resources',
      message: expect.stringContaining('wide'),
      why: expect.stringContaining('No space left on device'),
    });
    resize(disk, '200m');
    await copyAll({ source: from, target: to, first: false });
    await expectSame(from, to);
  });
});
