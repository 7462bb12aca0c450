import { describe, expect, it } from 'vitest';
import { RollingWindow } from '../../src/services/lab/balancer/window.ts';

describe('the figures of the last ten seconds', () => {
  it('are rates and percentiles of what was recorded, and forget what is older', () => {
    let now = 0;
    const window = new RollingWindow(() => now);
    for (let ms = 1; ms <= 100; ms += 1) {
      window.record(ms, ms > 90);
      now += 50;
    }
    now = 9_999.999;
    const figures = window.figures();
    expect(figures.errorRate).toBe(0.1);
    expect(figures.requestsPerSecond).toBeCloseTo(10);
    expect(figures.errorsPerSecond).toBeCloseTo(1);
    expect(figures.p50Ms).toBeCloseTo(50, -1);
    expect(figures.p95Ms).toBeCloseTo(95, -1);
    now = 16_000;
    expect(window.figures()).toEqual({
      requestsPerSecond: 0,
      errorsPerSecond: 0,
      errorRate: 0,
      p50Ms: null,
      p95Ms: null,
    });
  });

  it('are per second from the first second on', () => {
    let now = 0;
    const window = new RollingWindow(() => now);
    window.record(0.2, false);
    expect(window.figures().requestsPerSecond).toBe(1);
    now = 2_000;
    window.record(0.4, false);
    expect(window.figures()).toMatchObject({ requestsPerSecond: 1, p50Ms: 0.2 });
  });
});
