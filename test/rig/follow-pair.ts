import type { FollowProgress } from '../../src/model/migration.ts';
import { createFeed } from '../../src/services/postgres/follow/feed.ts';
import {
  type Follow,
  type FollowOptions,
  followChanges,
} from '../../src/services/postgres/follow/follow.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

export const FEED = 'portsync_test';
export const limit = (ms = 60_000) => AbortSignal.timeout(ms);

/** Two servers, and what follows one at the other. */
export interface Pair {
  source: TestPostgres;
  target: TestPostgres;
  /** Last what was told. */
  progress: FollowProgress | null;
  options(extra?: Partial<FollowOptions>): FollowOptions;
  follow(extra?: Partial<FollowOptions>): Promise<Follow>;
  /** What changes at the target, at the source. */
  followBack(): Promise<Follow>;
  stopAll(): Promise<void>;
  /** The same statement on both sides. */
  both(sql: string): Promise<void>;
  close(): Promise<void>;
}

export async function startPair(
  settings: { source?: Record<string, string>; target?: Record<string, string>; bin?: string } = {},
): Promise<Pair> {
  const bin = settings.bin ? { bin: settings.bin } : {};
  const source = await startPostgres({ settings: settings.source ?? {}, ...bin });
  const target = await startPostgres({ settings: settings.target ?? {} });
  const followers: Follow[] = [];
  const pair: Pair = {
    source,
    target,
    progress: null,
    options: (extra = {}) => ({
      from: source.url(),
      to: target.url(),
      feed: FEED,
      starts: new Map(),
      ...extra,
    }),
    follow: async (extra) => {
      const report = (progress: FollowProgress) => {
        pair.progress = progress;
      };
      const follower = await followChanges(
        pair.options(extra),
        report,
        new AbortController().signal,
      );
      followers.push(follower);
      return follower;
    },
    followBack: async () => {
      await createFeed(target.url(), FEED, limit());
      return pair.follow({ from: target.url(), to: source.url() });
    },
    stopAll: async () => {
      for (const follower of followers.splice(0)) await follower.stop();
    },
    both: async (sql) => {
      await source.query(sql);
      await target.query(sql);
    },
    close: async () => {
      await pair.stopAll();
      await source.close();
      await target.close();
    },
  };
  return pair;
}

export function feedOf(pair: Pair): Promise<void> {
  return createFeed(pair.source.url(), FEED, limit());
}
