import type { Problem } from '../model/problem.ts';
import type { StackNews, StackPlan } from '../model/starter.ts';
import type { Event } from './events.ts';
import type { State } from './state.ts';

/** Starting everything, or ending it: from the look to the end. */
export interface StackWork {
  what: 'up' | 'down';
  phase: 'idle' | 'looking' | 'planned' | 'running' | 'done' | 'failed';
  /** Counts the looks, so that an answer to an older one is told apart. */
  look: number;
  plan: StackPlan | null;
  /** By the id of a step, once it has begun. */
  steps: Readonly<Record<string, StackStep>>;
  /** The last line of what the step under way says. */
  line: string;
  problem: Problem | null;
}

export interface StackStep {
  state: 'doing' | 'done' | 'failed';
  /** Ms since the epoch. */
  began: number;
  ms: number;
}

export const noWork: StackWork = {
  what: 'up',
  phase: 'idle',
  look: 0,
  plan: null,
  steps: {},
  line: '',
  problem: null,
};

export type StackEvent = Extract<
  Event,
  { type: 'stack-look' | 'stack-planned' | 'stack-began' | 'stack-news' | 'stack-ended' }
>;

export function stackEvent(state: State, event: StackEvent): State {
  const { stack } = state;
  switch (event.type) {
    case 'stack-look':
      return withWork(state, {
        ...noWork,
        what: event.what,
        phase: 'looking',
        look: stack.look + 1,
      });
    case 'stack-planned': {
      if (event.look !== stack.look || stack.phase !== 'looking') return state;
      return 'code' in event.answer
        ? withWork(state, { ...stack, phase: 'failed', problem: event.answer })
        : withWork(state, { ...stack, phase: 'planned', plan: event.answer });
    }
    case 'stack-began':
      return withWork(state, { ...stack, phase: 'running' });
    case 'stack-news':
      return withWork(state, heard(stack, event.news, state.now));
    case 'stack-ended':
      return withWork(state, {
        ...stack,
        phase: event.problem ? 'failed' : 'done',
        steps: closed(stack.steps, event.problem ? 'failed' : 'done'),
        line: '',
        problem: event.problem,
      });
  }
}

/** What was under way when it ended went as the whole did. */
function closed(steps: StackWork['steps'], as: 'done' | 'failed'): StackWork['steps'] {
  const entries = Object.entries(steps).map(([id, step]) => [
    id,
    step.state === 'doing' ? { ...step, state: as } : step,
  ]);
  return Object.fromEntries(entries);
}

function heard(stack: StackWork, news: StackNews, now: number): StackWork {
  if ('line' in news) return { ...stack, line: news.line };
  const { id, state, ms } = news;
  const began = stack.steps[id]?.began ?? now;
  return { ...stack, line: '', steps: { ...stack.steps, [id]: { state, began, ms } } };
}

function withWork(state: State, stack: StackWork): State {
  return { ...state, stack };
}
