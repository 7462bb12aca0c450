import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Follow } from '../../src/services/postgres/follow/follow.ts';
import { Prover } from '../../src/services/postgres/proof/prover.ts';
import { feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';
import { otherVersions } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';

const TABLES = 40;
const each = (sql: (table: string) => string) =>
  Array.from({ length: TABLES }, (_, at) => sql(`t${at}`)).join('; ');

describe('The proof while changes flow', () => {
  let pair: Pair;
  let follow: Follow;
  let prover: Prover;
  let writing: AbortController;
  let written: Promise<number[]> = Promise.resolve([]);

  /** Until told to stop. A row that moves between partitions is one writer's: the other would be refused. */
  const write = async (stop: AbortSignal, lane: number) => {
    const client = await pair.source.connect();
    let n = 0;
    for (; !stop.aborted; n += 1) {
      const [table, id] = [`t${n % TABLES}`, lane * 1_000_000 + n];
      await client.query(
        `begin; insert into ${table} values (${id}, ${n}, 'new ${n}');
         update ${table} set n = n + 1 where id = ${1 + (n % 200)};
         delete from ${table} where id = ${id - TABLES};
         update parted set kind = 1 - kind where id = ${lane + 2 * (n % 50)};
         insert into keyless values (${n}); commit`,
      );
    }
    await client.end();
    return n;
  };

  beforeAll(async () => {
    const [bin] = otherVersions();
    pair = await startPair(bin === undefined ? {} : { bin });
    await pair.both(
      `${each((table) => `create table ${table} (id int primary key, n int, text text)`)};
       create table parted (id int, kind int, primary key (id, kind)) partition by list (kind);
       create table parted_0 partition of parted for values in (0);
       create table parted_1 partition of parted for values in (1);
       create table keyless (n int)`,
    );
    const fill = `insert into TABLE select i, i, repeat(md5(i::text), 3) from generate_series(1, 5000) i`;
    await pair.both(each((table) => fill.replace('TABLE', table)));
    await pair.both('insert into parted select i, i % 2 from generate_series(1, 100) i');
    await feedOf(pair);
    follow = await pair.follow();
    prover = new Prover({ from: pair.source.url(), to: pair.target.url() }, follow);
    writing = new AbortController();
    written = Promise.all([1, 2].map((lane) => write(writing.signal, lane)));
  });
  afterAll(async () => {
    writing?.abort();
    await written;
    await prover?.close();
    await pair?.close();
  });

  it('finds both equal at one moment under load, and again in the pause', async () => {
    expect(await prover.full(limit())).toMatchObject({ equal: true, differences: [] });
    expect(await prover.prepare(limit())).toMatchObject({ equal: true });
    const touched = () => follow.touched().reduce((sum, { keys }) => sum + (keys?.length ?? 0), 0);
    await until(() => touched() > 5000, 60_000);
    writing.abort();
    const counts = await written;
    expect(Math.min(...counts)).toBeGreaterThan(0);
    await follow.caughtUp(limit());
    const start = performance.now();
    const proof = await prover.quick(limit());
    const ms = performance.now() - start;
    console.log(
      `quick proof of ${touched()} touched rows in ${TABLES} tables: ${ms.toFixed(0)} ms`,
    );
    expect(proof).toMatchObject({ equal: true, kind: 'quick', differences: [] });
    const [{ rows } = {}] = await pair.source.query('select count(*)::int as rows from t3');
    expect(proof.objects.find(({ name }) => name === 't3')?.rows).toEqual({
      source: rows,
      target: rows,
    });
  });

  it('sees in the pause what the follower did not bring', async () => {
    await pair.target.query('update t3 set n = -1 where id = 4; delete from keyless where n = 7');
    const proof = await prover.quick(limit());
    const unequal = proof.objects.filter(({ equal }) => !equal).map(({ name }) => name);
    expect(unequal).toEqual(['keyless', 't3']);
  });
});
