import { describe } from 'vitest';

/** Something outside npm that a test cannot do without: an engine, a mongod, an sshd. */
export interface Need {
  name: string;
  /** Null when it is there; else what is missing and how to get it. */
  missing: string | null;
}

/**
 * A `describe` that is skipped, by name, where `need` is not met. With PORTSYNC_TEST_ALL set (as in
 * .ci/run) a missing need is a failure instead.
 */
export function describeWith(need: Need, title: string, body: () => void): void {
  if (need.missing && process.env.PORTSYNC_TEST_ALL) {
    throw new Error(`“${title}” needs ${need.name}: ${need.missing}`);
  }
  const suffix = need.missing ? ` [needs ${need.name}: ${need.missing}]` : '';
  describe.skipIf(need.missing !== null)(title + suffix, body);
}
