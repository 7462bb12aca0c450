import { afterAll, beforeAll, expect, it } from 'vitest';
import { leftOut } from '../../src/services/postgres/copy/index.ts';
import { expectSame } from '../rig/compare.ts';
import { copyAll } from '../rig/copying.ts';
import { describeWith } from '../rig/needs.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { postgresPrograms, postgresVersion, stagingDir } from '../rig/postgres-versions.ts';
import { makeDatabase, READER } from '../rig/test-schemas.ts';

const PAIRS = [
  [15, 16],
  [15, 18],
  [16, 18],
  [18, 18],
] as const;

for (const [from, to] of PAIRS) {
  const need = [postgresVersion(from), postgresVersion(to)].find(({ missing }) => missing);
  describeWith(need ?? postgresVersion(to), `Copying PostgreSQL ${from} into ${to}`, () => {
    const staging = stagingDir();
    const servers: TestPostgres[] = [];
    beforeAll(async () => {
      for (const major of [from, to]) {
        const bin = await postgresPrograms(major, `${staging.path}/${servers.length}`);
        servers.push(await startPostgres({ bin }));
      }
    });
    afterAll(async () => {
      for (const server of servers) await server.close();
      staging.remove();
    });

    it('brings every kind of object and every value over as they were', async () => {
      const [old, young] = servers as [TestPostgres, TestPostgres];
      const source = await makeDatabase(old, 'every', 'everything');
      await young.query(READER);
      const target = await makeDatabase(young, 'every', null);
      await copyAll({ source, target });
      await expectSame(source, target);
      expect(await leftOut(target, AbortSignal.timeout(10_000))).toHaveLength(3);
    });
  });
}
