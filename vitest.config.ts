import { defineConfig } from 'vitest/config';

// Only `unit` and `frames` run side by side: the others start servers and measure what users would
// notice, and must not disturb each other.
const suite = (name: string, order: number, parallel: boolean, seconds: number) => ({
  test: {
    name,
    sequence: { groupOrder: order },
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout: seconds * 1000,
    hookTimeout: 120_000,
    fileParallelism: parallel,
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/rig/closing-line.ts'],
    projects: [
      suite('unit', 1, true, 10),
      suite('frames', 1, true, 15),
      suite('integration', 2, false, 60),
      suite('e2e', 3, false, 120),
    ],
  },
});
