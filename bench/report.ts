import { parseArgs } from 'node:util';

/** One figure beside its peer's, from the same run. */
export interface Row {
  metric: string;
  unit: string;
  portsync: number;
  /** Null when there is no peer for it, or it is not installed here. */
  peer: number | null;
  peerName: string | null;
  /** What `portsync` (or, with `of: 'ratio'`, portsync / peer) must not exceed. */
  goal: { atMost: number; of: 'value' | 'ratio' } | null;
}

/** `--quick`: minutes, not an hour. `--json`: the last line is one JSON value. */
export function benchOptions(): { quick: boolean; json: boolean } {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  return { quick: values.quick ?? false, json: values.json ?? false };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest-rank quantile, `q` from 0 to 1; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Prints the table, what could not be compared, and with `json` the line for machines. */
export function report(rows: readonly Row[], notCompared: readonly string[], json: boolean): void {
  const done = rows.map((row) => ({ ...row, ratio: ratioOf(row), met: metOf(row) }));
  console.log('\n| figure | PortSync | peer | ratio | goal |\n| --- | ---: | ---: | ---: | --- |');
  for (const row of done) console.log(line(row));
  for (const reason of notCompared) console.log(`\nNot compared: ${reason}`);
  if (!json) return;
  const wire = done.map(({ goal, ...row }) => ({ ...row, goal: goal?.atMost ?? null }));
  console.log(JSON.stringify({ rows: wire }));
}

function ratioOf({ portsync, peer }: Row): number | null {
  return peer ? portsync / peer : null;
}

function metOf(row: Row): boolean | null {
  if (!row.goal) return null;
  const value = row.goal.of === 'ratio' ? ratioOf(row) : row.portsync;
  return value === null ? null : value <= row.goal.atMost;
}

function line(row: Row & { ratio: number | null; met: boolean | null }): string {
  const peer = row.peer === null ? '–' : `${short(row.peer)} (${row.peerName})`;
  const ratio = row.ratio === null ? '–' : `${row.ratio.toFixed(2)}×`;
  const goal = row.goal
    ? `≤ ${row.goal.atMost}${row.goal.of === 'ratio' ? '×' : ` ${row.unit}`} ${verdict(row.met)}`
    : '–';
  return `| ${row.metric} | ${short(row.portsync)} ${row.unit} | ${peer} | ${ratio} | ${goal} |`;
}

function verdict(met: boolean | null): string {
  if (met === null) return '(not compared)';
  return met ? '✓' : '✗';
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
