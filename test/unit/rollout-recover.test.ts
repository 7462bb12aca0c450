import { describe, expect, it } from 'vitest';
import type { Colour } from '../../src/model/container.ts';
import type { Traffic } from '../../src/model/traffic.ts';
import type { Edge } from '../../src/ports/edge.ts';
import type { Fleet } from '../../src/ports/fleet.ts';
import { recoverRollout } from '../../src/services/rollout/recover.ts';
import { rollout } from '../../src/services/rollout/rollout.ts';

const never = new AbortController().signal;
const limits = { healthyMs: 3_000, watchMs: 0, newImageWatchMs: 0 };
const step = <T>(_id: string, work: () => Promise<T>) => work();

/** Fails where anything else is asked of it. */
const strict = <Port extends object>(calls: Partial<Port>): Port =>
  new Proxy(calls as Port, {
    get(target, name) {
      const call = Reflect.get(target, name);
      if (call === undefined) throw new Error(`${String(name)} was not expected`);
      return call;
    },
  });

/** Answers what `looks` gives, one after the other, and the last one from then on. */
function inTurn<T>(...looks: ReadonlyArray<() => T>) {
  let at = 0;
  return async () => looks[Math.min(at++, looks.length - 1)]?.() as T;
}

const fails = (message: string) => () => {
  throw new Error(message);
};
const served = (serving: Colour | null) => () => ({ serving }) as Traffic;

describe('a rollout that was cut off, when its machine is just back,', () => {
  it('is decided about when the load balancer answers, and finished when its colour is healthy', async () => {
    const stopped: Colour[] = [];
    const edge = strict<Edge>({
      traffic: inTurn(fails('no socket'), served('green')),
      drained: async () => {},
    });
    const healthy = inTurn(fails('green starts'), fails('blue is stopped'), () => undefined);
    const fleet = strict<Fleet>({ healthy, stop: async (colour) => void stopped.push(colour) });
    const deps = { edge, fleet, step, limits };
    expect(await recoverRollout(deps, { from: 'blue', to: 'green' }, never)).toBe('done');
    expect(stopped).toEqual(['blue']);
  });

  it('fails, and nothing is touched, when neither colour gets healthy in time', async () => {
    const edge = strict<Edge>({ traffic: inTurn(served('green')) });
    const fleet = strict<Fleet>({ healthy: inTurn(fails('it crashed')) });
    const deps = { edge, fleet, step, limits: { ...limits, healthyMs: 50 } };
    expect(await recoverRollout(deps, { from: 'blue', to: 'green' }, never)).toBe('failed');
  });

  it('says why the load balancer could not be asked', async () => {
    const edge = strict<Edge>({ traffic: inTurn(fails('no socket')) });
    const deps = { edge, fleet: strict<Fleet>({}), step, limits: { ...limits, healthyMs: 50 } };
    const recovered = recoverRollout(deps, { from: 'blue', to: 'green' }, never);
    await expect(recovered).rejects.toThrow('no socket');
  });
});

it('a rollout whose old replicas cannot be stopped is not undone: the rest is left to be done', async () => {
  const edge = strict<Edge>({
    traffic: inTurn(served('blue')),
    sees: async () => {},
    switchTo: async () => {},
    spare: async () => {},
    drained: async () => {},
  });
  const fleet = strict<Fleet>({
    resume: async () => {},
    healthy: async () => {},
    replicas: async () => [],
    stop: fails('no engine'),
  });
  const failed = rollout({ edge, fleet, limits, step }, null, null, never);
  await expect(failed).rejects.toMatchObject({ code: 'not-finished', why: 'no engine' });
});
