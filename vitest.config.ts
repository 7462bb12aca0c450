import { defineConfig } from 'vitest/config';

// Few run side by side: most start servers and measure what users would notice, and must not disturb
// each other. The tests of a single service mostly wait, and have servers of their own.
const SERVICES = 'test/integration/{database,docker,edge,env,mongo,nodes,postgres,ssh}*.test.ts';

const suite = (name: string, order: number, parallel: boolean, seconds: number) => ({
  test: {
    name,
    sequence: { groupOrder: order },
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    exclude: [SERVICES],
    testTimeout: seconds * 1000,
    hookTimeout: 120_000,
    fileParallelism: parallel,
    pool: 'forks' as const,
  },
});

function services({ test }: ReturnType<typeof suite>) {
  return { test: { ...test, name: 'services', include: [SERVICES], exclude: [], maxWorkers: 3 } };
}

export default defineConfig({
  test: {
    reporters: ['default', './test/rig/closing-line.ts'],
    projects: [
      suite('unit', 1, true, 10),
      suite('frames', 1, true, 15),
      services(suite('integration', 2, true, 120)),
      suite('integration', 3, false, 60),
      suite('e2e', 4, false, 120),
    ],
  },
});
