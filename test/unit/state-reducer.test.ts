import { describe, expect, it } from 'vitest';
import { failed, ready } from '../../src/model/reading.ts';
import type { Traffic } from '../../src/model/traffic.ts';
import { courseOf } from '../../src/state/container-history.ts';
import type { Event } from '../../src/state/events.ts';
import { figures, grouped, RECENT } from '../../src/state/history.ts';
import { LOG_LINES, logLines, logsOf } from '../../src/state/logs.ts';
import type { State } from '../../src/state/state.ts';
import {
  beginning,
  containers,
  envChanges,
  envPlaces,
  having,
  NOW,
  noAnswer,
  nodes,
  pressed,
  traffic,
  working,
} from '../frames/fixtures.ts';

const size = { columns: 80, rows: 24 };
const start = () => beginning(size);

function seen(state: State, given: Partial<Traffic>, at = NOW): State {
  const reading = ready({ ...traffic, ...given }, at);
  return having(state, { type: 'reading', pane: 'traffic', id: 'edge', reading });
}

function nodeSeen(state: State, reading: Extract<Event, { type: 'reading' }>['reading']): State {
  return having(state, { type: 'reading', pane: 'nodes', id: 'main', reading } as Event);
}

describe('readings', () => {
  it('leave a gap in the history while a source does not answer', () => {
    const [main] = nodes;
    if (!main) throw new Error('no node');
    const good = ready(main, NOW);
    let state = nodeSeen(start(), good);
    state = nodeSeen(state, failed(good, noAnswer, NOW));
    state = nodeSeen(state, good);
    const cpu = figures(state.history.nodes.main?.recent ?? [], 'cpu');
    expect(cpu).toEqual([34, null, 34]);
    expect(state.marks.map(({ text }) => text)).toEqual([
      'main does not answer',
      'main answers again',
    ]);
  });

  it('leave a gap in the course of a container, and none while it was not there', () => {
    const [first, second] = containers;
    if (!first || !second) throw new Error('no containers');
    const good = ready(
      [
        { ...first, cpuPercent: 7 },
        { ...second, cpuPercent: 8 },
      ],
      NOW,
    );
    const readings = [
      ready([{ ...second, cpuPercent: 5 }], NOW),
      good,
      failed(good, noAnswer, NOW),
    ];
    let state = start();
    for (const reading of readings) {
      state = having(state, { type: 'reading', pane: 'containers', id: 'local', reading });
    }
    const looks = state.history.containers.local ?? [];
    expect(courseOf(looks, first.id, 'cpu')).toEqual([7, null]);
    expect(courseOf(looks, second.id, 'cpu')).toEqual([5, 8, null]);
    expect(courseOf(looks, 'unknown', 'memory')).toEqual([]);
  });

  it('are kept bounded, and grouped so that a graph does not shimmer', () => {
    let state = start();
    for (let look = 0; look < RECENT + 7; look += 1) {
      state = seen(state, { requestsPerSecond: look }, NOW + look * 1000);
    }
    const { traffic: track } = state.history;
    expect(track.recent).toHaveLength(RECENT);
    const groups = grouped(track, 60);
    const next = grouped(seen(state, {}, NOW).history.traffic, 60);
    expect(groups.length).toBeLessThanOrEqual(60);
    expect(next.slice(1, -1)).toEqual(groups.slice(1).slice(0, next.length - 2));
  });
});

describe('what happened', () => {
  const without = (name: string) => traffic.replicas.filter((replica) => replica.name !== name);
  const down = traffic.replicas.map((replica) =>
    replica.name === 'web.2' ? { ...replica, state: 'down' as const } : replica,
  );

  it('is told from two looks at the edge', () => {
    let state = seen(start(), {});
    state = seen(state, { replicas: down });
    state = seen(state, {});
    state = seen(state, { replicas: without('web.3') });
    state = seen(state, { held: 41 });
    state = seen(state, { serving: 'green' });
    expect(state.marks.map(({ text }) => text)).toEqual([
      'web.2 down',
      'web.2 up',
      '-web.3',
      'requests held',
      '+web.3',
      'green serves',
      'released',
    ]);
  });

  it('is nothing on the first look', () => {
    expect(seen(start(), {}).marks).toEqual([]);
  });
});

describe('time', () => {
  it('takes a done toast away, and leaves a failed one until Esc', () => {
    const toast = (kind: 'done' | 'failed'): Event => ({
      type: 'toast',
      toast: { kind, what: 'x', why: null, next: null },
    });
    const later: Event = { type: 'tick', now: NOW + 60_000 };
    expect(having(start(), toast('done'), later).toast).toBeNull();
    const failing = having(start(), toast('failed'), later);
    expect(failing.toast?.kind).toBe('failed');
    expect(pressed(failing, 'esc').toast).toBeNull();
  });

  it('hides a revealed value after five seconds, and leaving hides it at once', () => {
    const open = having(
      pressed(working(size), 'b'),
      { type: 'env-changes', version: 'v23', changes: envChanges },
      { type: 'revealed', key: 'SMTP_HOST', value: 'smtp' },
    );
    expect(open.env.revealed?.value).toBe('smtp');
    const at = (ms: number) => having(open, { type: 'tick', now: NOW + ms }).env.revealed;
    expect(at(4900)?.value).toBe('smtp');
    expect(at(5000)).toBeNull();
    expect(pressed(open, 'esc').env.revealed).toBeNull();
    expect(pressed(open, 'j').env.revealed).toBeNull();
  });

  it('shows where its versions run, to who still waits for it', () => {
    const asked = having(pressed(working(size), 'b'), { type: 'env-places', places: 'reading' });
    const answer = { type: 'env-places', places: envPlaces } as const;
    expect(having(asked, answer).env.places).toBe(envPlaces);
    expect(having(pressed(asked, 'd'), answer).env.places).toBeNull();
    expect(having(pressed(asked, 'esc'), answer).env.places).toBeNull();
  });
});

describe('text boxes', () => {
  it('filter while typed, keep with Enter, and go back with Esc', () => {
    const typing = pressed(working(size), '/', 'w', 'e', 'b');
    expect(typing.lists.containers.filter).toBe('web');
    expect(pressed(typing, 'esc').lists.containers.filter).toBe('');
    const kept = pressed(typing, 'enter');
    expect(kept.overlays).toEqual([]);
    expect(kept.lists.containers.filter).toBe('web');
    expect(pressed(kept, 'esc').lists.containers.filter).toBe('');
  });

  it('take pasted text; elsewhere it does nothing and says so', () => {
    const paste: Event = { type: 'paste', text: 'web\nrm -rf /' };
    expect(having(pressed(working(size), '/'), paste).lists.containers.filter).toBe('web');
    const elsewhere = having(working(size), paste);
    expect(elsewhere.overlays).toEqual([]);
    expect(elsewhere.toast?.kind).toBe('refused');
  });
});

describe('a followed log', () => {
  const lines = (count: number, text = 'line') =>
    ({
      type: 'log-lines',
      lines: Array.from({ length: count }, (_line, index) => ({
        at: null,
        stream: 'stdout' as const,
        text: `${text} ${index}`,
      })),
    }) satisfies Event;

  it('keeps the last lines, and the reader’s place among them', () => {
    const open = having(pressed(working(size), 'l'), lines(LOG_LINES));
    const reading = pressed(open, 'up', 'up');
    const top = logsOf(reading)?.top;
    const more = having(reading, lines(300));
    expect(logsOf(more)?.lines).toHaveLength(LOG_LINES);
    expect(logsOf(more)?.top).toBe(top);
    expect(logsOf(pressed(more, 'G'))?.top).toBeNull();
  });

  it('never passes a command on to the terminal', () => {
    const text = '\u001B[31mred\u001B[0m \u001B]0;title\u0007a\tb\u0000\r';
    const open = having(pressed(working(size), 'l'), {
      type: 'log-lines',
      lines: [{ at: null, stream: 'stdout', text }],
    });
    expect(logsOf(open)?.lines[0]?.text).toBe('red a    b');
  });

  it('is filtered without being lost', () => {
    const open = having(pressed(working(size), 'l'), lines(3, 'GET'), lines(2, 'POST'));
    const logs = logsOf(pressed(open, '/', 'p', 'o', 's', 't', 'enter'));
    expect(logs && logLines(logs).map(({ text }) => text)).toEqual(['POST 0', 'POST 1']);
    expect(logs?.lines).toHaveLength(5);
  });
});
