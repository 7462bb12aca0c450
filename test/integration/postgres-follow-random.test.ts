import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';
import { CONTENTS, SCHEMA, seeded, work } from '../rig/follow-workload.ts';
import { otherVersions } from '../rig/postgres.ts';

const oldest = otherVersions()[0];
const sources = [
  { version: 'the newest', bin: '' },
  ...(oldest ? [{ version: oldest, bin: oldest }] : []),
];

describe.each(sources)(
  'following $version PostgreSQL through whatever an app may do',
  ({ bin }) => {
    let pair: Pair;
    beforeAll(async () => {
      pair = await startPair({ bin });
      await pair.both(SCHEMA);
      await feedOf(pair);
    });
    afterAll(() => pair?.close());

    it.each([1, 2])('both sides are equal after random work, seed %i', async (seed) => {
      const follow = await pair.follow();
      const client = await pair.source.connect();
      await work(client, seeded(seed), 250);
      await client.end();
      await follow.caughtUp(limit());
      await follow.stop();
      expect(await pair.target.query(CONTENTS)).toEqual(await pair.source.query(CONTENTS));
    });
  },
);
