import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresMover } from '../../src/services/postgres/move/mover.ts';
import { auditBank, BankWriter, openBank } from '../rig/bank.ts';
import { askPostgres, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';

const soon = () => AbortSignal.timeout(60_000);

let source: TestPostgres;
let target: TestPostgres;
beforeAll(async () => {
  [source, target] = await Promise.all([startPostgres(), startPostgres()]);
});
afterAll(async () => {
  await Promise.all([source?.close(), target?.close()]);
});

describe('a database that is written to all the time', () => {
  it('moves there and back, with every acknowledged write exactly once', async () => {
    const urls = { source: source.url(), target: target.url() };
    await openBank(urls.source);
    const writers = [1, 2, 3].map((n) =>
      new BankWriter(`writer ${n}`, [urls.source, urls.target]).start(),
    );
    const mover = new PostgresMover(urls, 'test1');
    try {
      await mover.copy(() => {}, soon());
      await mover.fence('target', soon());
      for (const [from, to] of [
        ['source', 'target'],
        ['target', 'source'],
      ] as const) {
        const following = await mover.follow(from, () => {}, soon());
        await following.caughtUp(soon());
        await following.prepareProof(soon());
        const freeze = await mover.freeze(from, soon());
        await following.caughtUp(soon());
        await freeze.carryCounters(soon());
        const proof = await following.quickProof(soon());
        expect(proof).toMatchObject({ equal: true, differences: [] });
        await mover.keepChanges(to, soon());
        await freeze.seal(soon());
        await mover.unfence(to, soon());
        const before = writers.map(({ acknowledged }) => acknowledged);
        const goOn = () => writers.every((each, at) => each.acknowledged > (before[at] ?? 0) + 20);
        await until(goOn, 20_000, 'the writers go on at the other side');
        await following.stop();
      }
    } finally {
      await Promise.all(writers.map((writer) => writer.stop()));
      await mover.close();
    }
    const wrong = await Promise.all(writers.map((writer) => writer.check(urls.source)));
    expect([...wrong.flat(), ...(await auditBank(urls.source))]).toEqual([]);
    await mover.cleanup({ keepFence: 'target', dropCopy: false }, soon());
    const refused = askPostgres(urls.target, 'delete from bank_entries');
    await expect(refused).rejects.toMatchObject({ code: '25006' });
    await askPostgres(urls.source, 'delete from bank_entries where n < 0');
    await mover.cleanup({ keepFence: null, dropCopy: true }, soon());
    expect(await mover.leftovers(soon())).toEqual([]);
    const left = "select to_regclass('bank_entries') as a, to_regclass('bank_entries_id_seq') as b";
    expect(await askPostgres(urls.target, left)).toEqual([{ a: null, b: null }]);
  });
});
