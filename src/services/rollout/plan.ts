import type { Colour } from '../../model/container.ts';
import type { Operation } from '../../model/job.ts';

/** What decides what a rollout consists of. */
export interface RolloutFacts {
  /** The colour that serves; null where nothing does yet. */
  from: Colour | null;
  to: Colour;
  replicas: number;
  /** Null keeps what runs now. */
  image: string | null;
  /** Starts again what was kept of `to`, instead of something new. */
  kept: boolean;
  /** Whether the app has a command to be run once before its new replicas start. */
  release: boolean;
  /** What the .env becomes, in a few words; null where it stays as it is. */
  env: string | null;
  healthyMs: number;
  watchMs: number;
}

export type RolloutStep =
  | 'release'
  | 'start'
  | 'healthy'
  | 'env'
  | 'switch'
  | 'watch'
  | 'drain'
  | 'stop';

export interface RolloutOperation extends Operation {
  id: RolloutStep;
}

/** Everything a rollout does, in order. */
export function planRollout(facts: RolloutFacts): RolloutOperation[] {
  return [...untilReady(facts), ...switching(facts), ...afterwards(facts)];
}

function untilReady({ to, replicas, image, kept, release, healthyMs }: RolloutFacts) {
  const count = replicas === 1 ? `1 ${to} replica` : `${replicas} ${to} replicas`;
  const as = kept
    ? 'again, as it was'
    : image === null
      ? 'with the image that runs now'
      : `with ${image}`;
  const healthy = replicas === 1 ? 'it is healthy' : `all ${replicas} are healthy`;
  return [
    ...(release ? [operation('release', 'run the app’s release command once')] : []),
    operation('start', `start ${count} ${as}`),
    operation('healthy', `wait until ${healthy}, at most ${seconds(healthyMs)}`),
  ];
}

function switching({ from, to, env }: RolloutFacts) {
  const instead = from === null ? '' : ` instead of ${from}`;
  return [
    ...(env === null ? [] : [operation('env', `write the .env: ${env}`)]),
    operation('switch', `send every request to ${to}${instead}, in one step`),
  ];
}

function afterwards({ from, to, watchMs }: RolloutFacts) {
  if (from === null) return [operation('watch', `watch ${to} for ${seconds(watchMs)}`)];
  return [
    operation('watch', `watch ${to} for ${seconds(watchMs)}; should it fail, go back to ${from}`),
    operation('drain', `let ${from} end its running requests`),
    operation('stop', `stop ${from}, and keep it for a rollback`),
  ];
}

function operation(id: RolloutStep, words: string): RolloutOperation {
  return { id, words };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
