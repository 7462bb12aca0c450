import { vi } from 'vitest';
import type { DatabaseFigures } from '../../src/model/database.ts';
import { databaseProbe } from '../../src/services/database/probe.ts';

/** A probe as a test looks through it. */
export interface Watch {
  look(): Promise<DatabaseFigures>;
  /** Looks again and again until `check` throws no more, and gives what it saw then. */
  until(check: (figures: DatabaseFigures) => void): Promise<DatabaseFigures>;
  readonly everyMs: number;
  close(): Promise<void>;
}

export function watch(url: string): Watch {
  const probe = databaseProbe(url);
  const look = () => probe.read(AbortSignal.timeout(20_000));
  return {
    look,
    until: (check) =>
      vi.waitFor(
        async () => {
          const figures = await look();
          check(figures);
          return figures;
        },
        { timeout: 30_000, interval: 250 },
      ),
    get everyMs() {
      return probe.everyMs;
    },
    close: () => probe.close(),
  };
}

/** What tests open, closed after each of them, the last one first. */
export function closer(): {
  later<T extends { close(): Promise<unknown> }>(opened: T): T;
  closeAll(): Promise<void>;
} {
  const opened: Array<{ close(): Promise<unknown> }> = [];
  return {
    later: (each) => {
      opened.push(each);
      return each;
    },
    closeAll: async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    },
  };
}
