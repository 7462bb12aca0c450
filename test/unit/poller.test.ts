import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../src/errors.ts';
import type { Reading } from '../../src/model/reading.ts';
import { nextDelay, poll } from '../../src/state/poller.ts';

function probe(answers: Array<number | Error>, everyMs = 1) {
  let running = 0;
  let most = 0;
  return {
    id: 'p',
    everyMs,
    timeoutMs: 50,
    most: () => most,
    async read() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 3));
      running -= 1;
      const answer = answers.shift() ?? 0;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async close() {},
  };
}

async function readings(answers: Array<number | Error>): Promise<Array<Reading<number>>> {
  const seen: Array<Reading<number>> = [];
  const total = answers.length;
  const stop = new AbortController();
  await poll(
    probe(answers),
    (reading) => {
      seen.push(reading);
      if (seen.length === total) stop.abort();
    },
    stop.signal,
  );
  return seen;
}

describe('poll', () => {
  it('keeps the last good data, and since when it is old, until the system answers again', async () => {
    const down = new ExternalError({ code: 'down', message: 'No answer.' });
    const [first, second, third, fourth] = await readings([7, down, down, 8]);
    expect(first).toMatchObject({ state: 'ready', data: 7 });
    expect(second).toMatchObject({ state: 'stale', data: 7, error: { code: 'down' } });
    expect(third).toMatchObject({ state: 'stale', data: 7 });
    if (second?.state !== 'stale' || third?.state !== 'stale') throw new Error('not stale');
    expect(third.since).toBe(second.since);
    expect(fourth).toMatchObject({ state: 'ready', data: 8 });
  });

  it('is stale without data when the first look fails', async () => {
    const [first] = await readings([new Error('boom')]);
    expect(first).toMatchObject({ state: 'stale', data: null, seenAt: null });
  });
});

describe('preview', () => {
  async function seen(preview: () => Promise<number>): Promise<Array<Reading<number>>> {
    const all: Array<Reading<number>> = [];
    const stop = new AbortController();
    const onReading = (reading: Reading<number>) => {
      all.push(reading);
      if (reading.state === 'ready' && reading.data === 2) stop.abort();
    };
    await poll({ ...probe([2]), preview }, onReading, stop.signal);
    return all;
  }

  it('is shown until the whole reading is there', async () => {
    expect(await seen(async () => 1)).toMatchObject([
      { state: 'ready', data: 1 },
      { state: 'ready', data: 2 },
    ]);
  });

  it('says nothing when it fails', async () => {
    const failing = () => Promise.reject(new Error('boom'));
    expect(await seen(failing)).toMatchObject([{ state: 'ready', data: 2 }]);
  });
});

describe('nextDelay', () => {
  it('doubles with each failure up to half a minute, and never beats the usual pace', () => {
    expect([0, 1, 2, 5, 50].map((failures) => nextDelay(1000, failures))).toEqual([
      1000, 2000, 4000, 30_000, 30_000,
    ]);
    expect(nextDelay(60_000, 3)).toBe(60_000);
  });
});
