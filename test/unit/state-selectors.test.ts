import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import { failed, ready } from '../../src/model/reading.ts';
import type { Traffic } from '../../src/model/traffic.ts';
import { answer } from '../../src/screens/Resize.tsx';
import { chosenContainer, conditionOf, containerRows } from '../../src/state/containers.ts';
import { adviceFor } from '../../src/state/evidence.ts';
import { condition } from '../../src/state/header.ts';
import { trafficOfNode } from '../../src/state/joins.ts';
import { allNodes, nodeRows } from '../../src/state/nodes.ts';
import type { State } from '../../src/state/state.ts';
import {
  absent,
  beginning,
  containers,
  having,
  NOW,
  noAnswer,
  nodes,
  pressed,
  traffic,
  troubled,
  working,
} from '../frames/fixtures.ts';

const size = { columns: 80, rows: 24 };
const [web] = containers;
if (!web) throw new Error('no container');

describe('a container', () => {
  const cases: Array<[Partial<Container>, string, string]> = [
    [{}, 'good', 'healthy'],
    [{ health: 'none' }, 'good', 'up'],
    [{ health: 'starting' }, 'loading', 'starting'],
    [{ health: 'unhealthy' }, 'bad', 'unhealthy'],
    [{ state: 'restarting' }, 'look', 'restarting'],
    [{ state: 'exited', exitCode: 143, colour: null }, 'off', 'stopped'],
    [{ state: 'exited', exitCode: 137 }, 'bad', 'exit 137'],
    [{ state: 'exited', exitCode: 0, colour: 'green' }, 'off', 'stopped, for rollback'],
    [{ state: 'paused' }, 'off', 'paused'],
  ];
  it.each(cases)('%o is %s: %s', (given, mark, word) => {
    expect(conditionOf({ ...web, ...given }, 'blue')).toEqual({ condition: mark, word });
  });

  it('of an engine that does not answer is stale, and the others are not', () => {
    const old = ready([{ ...web, id: 'other', engine: 'ssh://a' }], NOW);
    const state = having(working(size), {
      type: 'reading',
      pane: 'containers',
      id: 'ssh://a',
      reading: failed(old, noAnswer, NOW),
    });
    const stale = containerRows(state).filter((row) => row.condition === 'stale');
    expect(stale.map((row) => row.key)).toEqual(['ssh://a/other']);
  });

  it('of the colour that serves comes first, then what waits, then everything else', () => {
    const names = containerRows(working(size)).map(({ container: { name, colour } }) => {
      return colour === null ? name : `${name} ${colour}`;
    });
    expect(names).toEqual(['web.1 blue', 'web.2 blue', 'web.3 blue', 'web.1 green', 'db', 'edge']);
  });

  it('stays chosen while the list is ordered anew', () => {
    const state = pressed(working(size), 'j', 'j');
    const before = chosenContainer(state)?.key;
    const byCpu = pressed(state, 'o', 'o');
    expect(containerRows(byCpu)[0]?.container.name).toBe('web.3');
    expect(chosenContainer(byCpu)?.key).toBe(before);
  });
});

describe('a node', () => {
  it('adds up what the edge sends to its replicas', () => {
    const [first, second, third] = traffic.replicas;
    if (!first || !second || !third) throw new Error('no replicas');
    const replicas = [
      { ...first, requestsPerSecond: 100, errorRate: 0.1, p95Ms: 30 },
      { ...second, requestsPerSecond: 300, errorRate: 0, p95Ms: 50, state: 'down' as const },
      third,
    ];
    expect(trafficOfNode({ ...traffic, replicas }, 'main')).toMatchObject({
      replicas: 2,
      up: 1,
      requestsPerSecond: 400,
      errorRate: 0.025,
      p95Ms: 50,
    });
    expect(trafficOfNode(traffic, 'elsewhere')).toBeNull();
  });

  it('stands first when it is this machine', () => {
    expect(nodeRows(working(size)).map((row) => row.name)).toEqual(['main', 'fra-2']);
  });

  it('is told apart from one that never answered', () => {
    const rows = allNodes(troubled(size));
    expect(rows.map(({ name, figures, word }) => [name, figures !== null, word])).toEqual([
      ['main', true, 'up'],
      ['fra-2', true, 'no answer'],
      ['fra-3', false, 'no answer'],
    ]);
  });
});

describe('the word at the top', () => {
  const said = (given: Partial<Traffic>): string => {
    const reading = ready({ ...traffic, ...given }, NOW);
    const event = { type: 'reading', pane: 'traffic', id: 'edge', reading } as const;
    return condition(having(working(size), event)).word;
  };
  const down = traffic.replicas.map((replica) => ({ ...replica, state: 'down' as const }));

  it('says whether users are served', () => {
    expect(said({})).toBe('serving');
    expect(said({ errorsPerSecond: 20 })).toBe('failing');
    expect(said({ replicas: down })).toBe('no replica up');
    expect(said({ replicas: [...traffic.replicas.slice(1), ...down.slice(0, 1)] })).toBe(
      'serving, 1 down',
    );
    expect(said({ held: 41 })).toBe('holding 41');
  });

  it('does not count what waits for rollback', () => {
    const idle = down.map((replica) => ({ ...replica, colour: 'green' as const }));
    expect(said({ replicas: [...traffic.replicas, ...idle] })).toBe('serving');
  });

  it('falls back to the containers where no edge is known', () => {
    expect(condition(absent(size)).word).toBe('nothing runs');
    expect(condition(beginning(size)).word).toBe('reading');
  });
});

describe('advice on the size', () => {
  const watched = (hours: number, memory: number): State => {
    const [main] = nodes;
    if (!main) throw new Error('no node');
    const used = { ...main.memory, usedBytes: main.memory.totalBytes * memory };
    let state = beginning(size);
    for (let minute = hours * 60; minute >= 0; minute -= 1) {
      const reading = ready({ ...main, memory: used }, NOW - minute * 60_000);
      state = having(state, { type: 'reading', pane: 'nodes', id: 'main', reading });
    }
    return state;
  };
  const said = (state: State) => {
    const [node] = allNodes(state);
    if (!node) throw new Error('no node');
    return answer(adviceFor(state, node));
  };

  it('waits for a whole day', () => {
    expect(said(watched(3, 0.95))).toBe('Not enough data yet: 3 h of 24 h.');
  });

  it('then answers with the peak', () => {
    expect(said(watched(24, 0.95))).toContain('memory peaked at 95%');
    expect(said(watched(24, 0.5))).toContain('big enough');
  });
});
