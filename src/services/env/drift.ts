import type { EnvVersion } from '../../model/env.ts';

/** What one running replica (or one node's copy of the file) has. */
export interface Running {
  /** `web.1 on fra-2`; whatever the person knows it by. */
  where: string;
  env: ReadonlyMap<string, string>;
  /** A copy of the file: whatever it has beyond the file was put there. */
  copy?: boolean;
}

/** One key that is not everywhere as the file has it. Values are never part of it. */
export interface Drift {
  key: string;
  where: string;
  /** `extra`: there, though it was taken out of the file. */
  how: 'different' | 'missing' | 'extra';
}

/** Every key that some version had, or has. */
export function formerKeys(versions: readonly EnvVersion[]): Set<string> {
  return new Set(versions.flatMap(({ changed }) => changed));
}

/**
 * Where the environment differs from the file. A replica also has variables that were never in the
 * file (PATH, those of its image): of those only `formerKeys`, which some version had, are left over.
 */
export function driftOf(
  file: ReadonlyMap<string, string>,
  running: readonly Running[],
  formerKeys: ReadonlySet<string>,
): Drift[] {
  return running.flatMap(({ where, env, copy = false }) => {
    const wanted = [...file].flatMap(([key, value]): Drift[] => {
      const there = env.get(key);
      if (there === value) return [];
      return [{ key, where, how: there === undefined ? 'missing' : 'different' }];
    });
    const left = [...env.keys()].filter((key) => (copy || formerKeys.has(key)) && !file.has(key));
    return [...wanted, ...left.map((key): Drift => ({ key, where, how: 'extra' }))];
  });
}

/** The output of `env`, or of `env -0` and /proc/PID/environ, which alone can hold line breaks. */
export function parseEnvironment(text: string): Map<string, string> {
  const lines = text.includes('\0') ? text.split('\0') : text.split('\n');
  return new Map(
    lines
      .filter((line) => line.indexOf('=') > 0)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
