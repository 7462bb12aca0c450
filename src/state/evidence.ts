import { figures, peak, span } from './history.ts';
import type { NodeRow } from './nodes.ts';
import type { NodeKey, State } from './state.ts';

/** Advice needs a whole day: nights and rush hours look nothing alike. */
export const NEEDED_MS = 24 * 3_600_000;

export interface Evidence {
  what: 'memory' | 'cpu' | 'disk';
  /** 0–100, peaks of each minute, oldest first. */
  values: Array<number | null>;
  peak: number | null;
  /** From this share on it is a reason for a bigger machine. */
  limit: number;
}

export interface Advice {
  watchedMs: number;
  enough: boolean;
  evidence: Evidence[];
  /** What went over its limit. */
  over: Evidence[];
}

const LIMITS = [
  { what: 'memory', key: 'memory', limit: 90 },
  { what: 'cpu', key: 'cpu', limit: 85 },
  { what: 'disk', key: 'disk', limit: 85 },
] as const;

/** What this session has seen of a node that speaks for or against a bigger machine. */
export function adviceFor(state: State, node: NodeRow): Advice {
  const minutes = state.history.nodes[node.id]?.minutes ?? [];
  const recent = state.history.nodes[node.id]?.recent ?? [];
  // The first minutes have too few peaks to draw: every look is shown until then.
  const samples = minutes.length >= 10 ? minutes : recent;
  const evidence = LIMITS.map(({ what, key, limit }) => {
    const values = figures<NodeKey>(samples, key);
    const most = peak(figures<NodeKey>(minutes, key));
    return { what, values, peak: most, limit };
  });
  const watchedMs = Math.max(span(minutes), span(recent));
  return {
    watchedMs,
    enough: watchedMs >= NEEDED_MS,
    evidence,
    over: evidence.filter((item) => item.peak !== null && item.peak >= item.limit),
  };
}
