import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/services/swarm/answers.ts';
import { notHealthy } from '../../src/services/swarm/errors.ts';
import { LABELS } from '../../src/services/swarm/stack.ts';
import { containerOf, judge } from '../../src/services/swarm/tasks.ts';

let made = 0;

function task(
  state: string,
  changes: Partial<Task> & { start?: string; err?: string; exit?: number } = {},
): Task {
  const { start = 'now', err, exit, ...rest } = changes;
  made += 1;
  const Labels = { [LABELS.colour]: 'blue', [LABELS.start]: start, [LABELS.image]: 'shop:1' };
  const at = new Date(1_800_000_000_000 + made * 1000).toISOString();
  return {
    ID: `task${made}`,
    CreatedAt: at,
    ServiceID: 'service',
    Slot: 1,
    NodeID: 'node',
    DesiredState: ['failed', 'complete', 'shutdown', 'rejected'].includes(state)
      ? 'shutdown'
      : 'running',
    Spec: {
      ContainerSpec: { Image: 'sha256:abc', Labels },
      Resources: { Limits: { MemoryBytes: 9 } },
    },
    Status: {
      Timestamp: at,
      State: state,
      ...(err === undefined ? {} : { Err: err }),
      ContainerStatus: { ContainerID: `container${made}`, ExitCode: exit ?? 0 },
    },
    ...rest,
  };
}

describe('the tasks of a colour', () => {
  it('are healthy when as many run as were asked for', () => {
    expect(judge([task('running'), task('running', { Slot: 2 })], 'now', 2).kind).toBe('healthy');
    expect(judge([task('running'), task('starting', { Slot: 2 })], 'now', 2).kind).toBe('waiting');
  });

  it('do not count when they are of an earlier start', () => {
    const old = [task('running', { start: 'before' }), task('failed', { start: 'before' })];
    expect(judge([...old, task('failed', { start: 'before' })], 'now', 1)).toEqual({
      kind: 'waiting',
      slowest: null,
    });
  });

  it('may die once, as before a database that is slow, and not twice', () => {
    const once = [task('failed', { exit: 1 }), task('starting')];
    expect(judge(once, 'now', 1).kind).toBe('waiting');
    const twice = [...once, task('failed', { exit: 1 })];
    expect(judge(twice, 'now', 1)).toEqual({ kind: 'failed', task: twice[2] });
  });

  it('have failed at once when their image cannot be had', () => {
    const rejected = task('rejected', { err: 'No such image: shop:9' });
    expect(judge([rejected, task('pending')], 'now', 1)).toEqual({
      kind: 'failed',
      task: rejected,
    });
  });

  it('have failed when they end by themselves, even with code 0', () => {
    expect(judge([task('complete'), task('complete')], 'now', 1).kind).toBe('failed');
  });
});

describe('a task', () => {
  it('is a container to everybody else', () => {
    const first = task('failed', { exit: 1 });
    const now = task('running');
    expect(containerOf(now, [first, now], 'local', 'fra-2')).toMatchObject({
      id: now.Status.ContainerStatus?.ContainerID,
      engine: 'local',
      node: 'fra-2',
      name: 'web.1',
      image: 'shop:1',
      colour: 'blue',
      state: 'running',
      health: 'healthy',
      restarts: 1,
      memoryLimitBytes: 9,
      exitCode: null,
    });
  });

  it('that is not healthy is told of with its reason, and its last words', () => {
    const told = (state: string, changes: Parameters<typeof task>[1]) =>
      notHealthy('blue', task(state, changes), []).message;
    expect(told('failed', { exit: 3 })).toBe(
      'web.1 (blue) did not get healthy: it exited with code 3.',
    );
    expect(told('failed', { exit: 137 })).toContain('when memory runs out');
    expect(told('rejected', { err: 'No such image: shop:1' })).toContain(
      'there is no image shop:1',
    );
    expect(told('pending', { err: 'no suitable node' })).toContain(
      'no node has room for it (no suitable node)',
    );
    expect(told('starting', {})).toContain('did not pass its health check in time');
    expect(notHealthy('blue', task('failed'), ['a', 'b']).why).toBe('a\nb');
    expect(notHealthy('blue', null, []).message).toContain('none of its replicas was started');
  });
});
