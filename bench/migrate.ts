import { parseArgs } from 'node:util';
import { copyBench } from './migrate/copy.ts';
import { followBench } from './migrate/follow.ts';
import { type Row, report } from './report.ts';

// What moving a database costs, beside the tools that people use for it: `npm run bench:migrate --
// postgres`. The parts run one after the other; `--only copy` runs one of them.

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    /** Of the full data set, which is 1.2 GB; and how often each way is measured. */
    scale: { type: 'string' },
    rounds: { type: 'string' },
  },
  allowPositionals: true,
});

export interface BenchSize {
  scale: number;
  rounds: number;
}

export interface BenchResult {
  rows: Row[];
  notCompared: string[];
}

/** Of each kind of database, the parts by name. */
const PARTS: Record<string, Record<string, (size: BenchSize) => Promise<BenchResult>>> = {
  postgres: { copy: copyBench, follow: followBench },
};

const parts = PARTS[positionals[0] ?? 'postgres'] ?? {};
const size = {
  scale: Number(values.scale ?? (values.quick ? 0.12 : 1)),
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
};
const results: BenchResult[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (!values.only || values.only === name) results.push(await part(size));
}
report(
  results.flatMap(({ rows }) => rows),
  results.flatMap(({ notCompared }) => notCompared),
  values.json,
);
