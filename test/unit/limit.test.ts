import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { timeLimit, within } from '../../src/limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

describe('a time limit', () => {
  it('comes though the garbage collector runs before', async () => {
    const reason = aborted(timeLimit(50, new AbortController().signal));
    await sleep(1);
    collectGarbage();
    expect(await reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('gives the reason of the signal that was aborted before it, or already', async () => {
    const stop = new AbortController();
    const reason = aborted(timeLimit(60_000, stop.signal));
    stop.abort('stopped');
    expect(await reason).toBe('stopped');
    expect(timeLimit(60_000, stop.signal)).toMatchObject({ aborted: true, reason: 'stopped' });
  });

  it('rejects what does not notice that its time is up', async () => {
    const { signal } = new AbortController();
    const deaf = within(20, signal, () => new Promise(() => {}));
    await expect(deaf).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
