import { defineConfig } from 'vitest/config';

// Few run side by side: most start servers and measure what users would notice, and must not disturb
// each other. A preflight mostly waits, and has servers of its own.
const WAITING = 'test/integration/postgres-preflight*.test.ts';

const suite = (name: string, order: number, parallel: boolean, seconds: number) => ({
  test: {
    name,
    sequence: { groupOrder: order },
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    exclude: [WAITING],
    testTimeout: seconds * 1000,
    hookTimeout: 120_000,
    fileParallelism: parallel,
    pool: 'forks' as const,
  },
});

function waiting({ test }: ReturnType<typeof suite>) {
  return { test: { ...test, name: 'preflight', include: [WAITING], exclude: [], maxWorkers: 3 } };
}

export default defineConfig({
  test: {
    reporters: ['default', './test/rig/closing-line.ts'],
    projects: [
      suite('unit', 1, true, 10),
      suite('frames', 1, true, 15),
      waiting(suite('integration', 2, true, 60)),
      suite('integration', 3, false, 60),
      suite('e2e', 4, false, 120),
    ],
  },
});
