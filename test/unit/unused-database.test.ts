import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsBoth } from '../../src/services/migration/look.ts';
import { placesOf } from '../../src/services/migration/places.ts';
import { withoutUnused } from '../../src/services/starter/unused-database.ts';

const compose = {
  services: { web: {}, db: { image: 'postgres:17' } },
  networks: {},
  volumes: {},
  secrets: {},
  configs: {},
  name: null,
};
const roles = { web: 'web', edge: null, database: { service: 'db', kind: 'postgres' as const } };
const started = (url: string | undefined, keep = false) =>
  Object.keys(withoutUnused(compose, roles, url, () => keep).services);

describe('the database of a compose file', () => {
  it.each([
    'postgres://app:x@db:5432/app',
    'mongodb://app:p%40ss@db/app?authSource=admin',
    'postgres://app@localhost/app',
    'postgres://app@[::1]:5432/app',
    undefined,
  ])('is started where %s may mean it', (url) => {
    expect(started(url)).toEqual(['web', 'db']);
  });

  it.each(['postgres://app:x@db.example.org/app', 'mongodb+srv://app:x@shop.example.net/app'])(
    'is not where the app asks %s, unless something says to keep it',
    (url) => {
      expect(started(url)).toEqual(['web']);
      expect(started(url, true)).toEqual(['web', 'db']);
    },
  );

  it('is needed from the start of a move until its end', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portsync-unused-'));
    const places = placesOf(dir);
    const inState = async (state: string) => {
      await writeFile(places.state, JSON.stringify({ state }));
      return needsBoth(places);
    };
    try {
      expect(await needsBoth(places)).toBe(false);
      await mkdir(places.dir, { recursive: true });
      expect(await inState('switched')).toBe(true);
      expect(await inState('failed')).toBe(true);
      expect(await inState('finished')).toBe(false);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
