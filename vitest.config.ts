import { defineConfig } from 'vitest/config';

// Only `unit` and `frames` run side by side: the others start servers and measure what users would
// notice, and must not disturb each other.
const suite = (name: string, parallel: boolean, seconds: number) => ({
  test: {
    name,
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
      suite('unit', true, 10),
      suite('frames', true, 15),
      suite('integration', false, 60),
      suite('e2e', false, 120),
    ],
  },
});
