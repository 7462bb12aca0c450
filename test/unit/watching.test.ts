import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import type { Probe } from '../../src/ports/probe.ts';
import { NO_PROBES } from '../../src/services/project/watch.ts';
import type { Event } from '../../src/state/events.ts';
import { startWatching } from '../../src/state/watching.ts';

function begin(probe: Partial<Probe<Container[]>>) {
  const told: Event[] = [];
  const stop = new AbortController();
  let draw = () => {};
  const drawn = new Promise<void>((resolve) => {
    draw = resolve;
  });
  const containers: Probe<Container[]> = {
    id: 'local',
    everyMs: 5,
    timeoutMs: 1000,
    read: async () => [],
    close: async () => {},
    ...probe,
  };
  const probes = { ...NO_PROBES, containers: [containers] };
  const seen = startWatching(
    { probes, absent: {} },
    (event) => told.push(event),
    stop.signal,
    drawn,
  );
  return { told, seen, draw, stop: () => stop.abort() };
}

describe('startWatching', () => {
  it('tells at once what is known at once, and looks closer when there is a screen', async () => {
    let looks = 0;
    const read = async () => {
      looks += 1;
      return [];
    };
    const { told, seen, draw, stop } = begin({ read, preview: async () => [] });
    await seen;
    expect(told).toMatchObject([{ pane: 'containers', id: 'local', reading: { state: 'ready' } }]);
    expect(looks).toBe(0);
    draw();
    await expect.poll(() => looks, { timeout: 60_000 }).toBeGreaterThan(1);
    stop();
  });

  it('does not wait for a system that has nothing to tell at once, or fails to', async () => {
    await begin({}).seen;
    const { told, seen } = begin({ preview: () => Promise.reject(new Error('boom')) });
    await seen;
    expect(told).toEqual([]);
  });
});
