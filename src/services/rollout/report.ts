import type { Operation } from '../../model/job.ts';
import type { Step } from '../journal/journal.ts';

export interface StepEvent {
  id: string;
  words: string;
  state: 'doing' | 'done' | 'failed';
  /** Of this operation. */
  ms: number;
  /** Since the first operation began. */
  elapsedMs: number;
}

/** How an operation goes on that takes its time. */
export interface Progress {
  id: string;
  state: 'going-on';
  words: string;
  leftMs: number;
}

export type Report = (event: StepEvent | Progress) => void;

/** `step`, with what it does told as it happens. */
export function reported(step: Step, plan: readonly Operation[], report: Report): Step {
  const startedAt = performance.now();
  return async (id, work) => {
    const words = plan.find((operation) => operation.id === id)?.words ?? id;
    const began = performance.now();
    const tell = (state: StepEvent['state']) => {
      const now = performance.now();
      const [ms, elapsedMs] = [Math.round(now - began), Math.round(now - startedAt)];
      report({ id, words, state, ms, elapsedMs });
    };
    tell('doing');
    try {
      const result = await step(id, work);
      tell('done');
      return result;
    } catch (error) {
      tell('failed');
      throw error;
    }
  };
}
