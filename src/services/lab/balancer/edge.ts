import { once } from 'node:events';
import { ExternalError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import type { Colour } from '../../../model/container.ts';
import type { Traffic } from '../../../model/traffic.ts';
import type { Edge, HoldReport } from '../../../ports/edge.ts';
import type { Balancer } from './balancer.ts';

const SETTLE_LIMIT_MS = 15_000;

/** The `Edge` port over a balancer in this process. */
export class BalancerEdge implements Edge {
  readonly #balancer: Balancer;

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  async traffic(): Promise<Traffic> {
    const { window, pool, serving, gate } = this.#balancer;
    const { requestsPerSecond, errorsPerSecond, p50Ms, p95Ms } = window.figures();
    const replicas = pool.upstreams.map(({ name, colour, state, window }) => {
      const { requestsPerSecond, errorRate, p50Ms, p95Ms } = window.figures();
      return { name, node: 'main', colour, state, requestsPerSecond, errorRate, p50Ms, p95Ms };
    });
    return {
      serving,
      requestsPerSecond,
      errorsPerSecond,
      p50Ms,
      p95Ms,
      held: gate.waiting,
      replicas,
    };
  }

  async sees(colour: Colour, replicas: number, signal: AbortSignal): Promise<void> {
    const { pool } = this.#balancer;
    const up = () => pool.upstreams.filter((each) => each.colour === colour && each.up).length;
    while (up() < replicas) await once(pool, 'up', { signal });
  }

  async hold(deadlineMs: number): Promise<void> {
    this.#balancer.gate.hold(deadlineMs);
  }

  async drained(colour: Colour, signal: AbortSignal): Promise<void> {
    await this.#balancer.pool.idle(colour, signal);
  }

  async switchTo(colour: Colour): Promise<void> {
    const ready = this.#balancer.pool.upstreams.some((each) => each.colour === colour && each.up);
    if (!ready) {
      throw new ExternalError({
        code: 'colour-not-ready',
        message: `The balancer did not switch to ${colour}.`,
        why: `No ${colour} replica answers its health check.`,
        next: `Start ${colour} and wait until it is healthy.`,
      });
    }
    this.#balancer.serving = colour;
    // Requests that wait for a replica of the colour before look again.
    this.#balancer.pool.emit('up');
  }

  async release(signal: AbortSignal): Promise<HoldReport> {
    return this.#balancer.gate.release(timeLimit(SETTLE_LIMIT_MS, signal));
  }

  async close(): Promise<void> {
    await this.#balancer.close();
  }
}
