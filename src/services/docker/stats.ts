import type { StatsAnswer } from './answers.ts';
import type { Sample } from './rates.ts';

/** The engine's own answer as a sample; null for a container that does not run. */
export function sampleOf(answer: StatsAnswer, run: string): Sample | null {
  const atMs = Date.parse(answer.read);
  const { usage, stats } = answer.memory_stats;
  if (!(atMs > 0)) return null;
  const inactive = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  const networks = answer.networks && Object.values(answer.networks);
  const sum = (key: 'rx_bytes' | 'tx_bytes') =>
    networks ? networks.reduce((total, each) => total + each[key], 0) : null;
  return {
    run,
    atMs,
    cpuNs: answer.cpu_stats.cpu_usage.total_usage,
    memoryBytes: usage === undefined ? null : Math.max(0, usage - inactive),
    receivedBytes: sum('rx_bytes'),
    sentBytes: sum('tx_bytes'),
  };
}
