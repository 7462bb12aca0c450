import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { end, expectWhole, load, Process, thereAndBack } from '../rig/migration-process.ts';
import { type Fault, World } from '../rig/migration-world.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const calls = await (async () => {
  vi.useFakeTimers();
  const world = new World();
  const stop = load(world);
  const process = new Process(world);
  await thereAndBack(process);
  await stop();
  process.session.die();
  vi.useRealTimers();
  return process.session.calls;
})();

const FAULTS: readonly Fault[] = ['throw', 'hang', 'late', 'die', 'die-after'];

/** A picture that is not drawn, or figures that are not seen, hold nothing up. */
const COUNT = calls
  .map((name, index) => ({ name, index }))
  .filter(({ name }) => name !== 'draw' && name !== 'traffic');
/** A disk that hangs hangs the process: whoever ends it is another fault. */
const ofFault = (fault: Fault) =>
  fault === 'hang' || fault === 'late'
    ? COUNT.filter(({ name }) => !name.startsWith('note'))
    : COUNT;

describe.each(FAULTS)('a migration in which a call is one to %s', (fault) => {
  it.each(ofFault(fault))('is whole after call $index, $name', async ({ index }) => {
    const world = new World();
    const stop = load(world);
    let process = new Process(world, (each) => (each === index ? fault : null));
    await thereAndBack(process).catch(() => {});
    // What has no limit of its own waits for somebody to give it up.
    if (process.state === 'cutting-over') process.desk?.end({ how: 'abort', dropCopy: false });
    for (let tries = 0; process.over && tries < 3; tries += 1) {
      process = new Process(world);
      await process.until(() => process.over || process.settled);
    }
    await stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expectWhole(world, process);
    if (!fault.startsWith('die')) expect(world.refused).toEqual([]);
    if (!process.over) {
      const finish = process.state === 'switched' || process.state === 'returned';
      await end(process, finish ? 'finish' : 'abort');
    }
    expect(process.outcome).toBe('ended');
    expectWhole(world, process);
    expect(world.keeps).toEqual({ source: null, target: null });
  });
});
