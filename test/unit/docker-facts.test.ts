import { describe, expect, it } from 'vitest';
import type { Seen } from '../../src/services/docker/answers.ts';
import { differs, factsOf, factsOfListed } from '../../src/services/docker/facts.ts';

function seen(change: Partial<Seen> & { labels?: Record<string, string> } = {}): Seen {
  return {
    Id: 'a'.repeat(64),
    Name: '/shop-db-1',
    Created: '2026-11-20T10:00:00.5Z',
    RestartCount: 2,
    State: { Status: 'running', Pid: 42, ExitCode: 0, StartedAt: '2026-11-23T10:00:00Z' },
    Config: { Image: 'postgres:17', Tty: false, Labels: change.labels ?? {} },
    HostConfig: { Memory: 512 * 2 ** 20, NetworkMode: 'bridge' },
    ...change,
  };
}

const task = (stack: string, service: string) => ({
  'com.docker.stack.namespace': stack,
  'com.docker.swarm.service.name': `${stack}_${service}`,
  'com.docker.swarm.task.name': `${stack}_${service}.2.k3j4h5`,
});

describe('factsOf', () => {
  it('tells what is to be known of a running container', () => {
    expect(factsOf(seen(), null)).toEqual({
      container: {
        id: 'a'.repeat(64),
        name: 'shop-db-1',
        colour: null,
        image: 'postgres:17',
        state: 'running',
        health: 'none',
        memoryLimitBytes: 512 * 2 ** 20,
        restarts: 2,
        exitCode: null,
        startedAt: '2026-11-23T10:00:00Z',
        createdAt: '2026-11-20T10:00:00.5Z',
      },
      pid: 42,
      hostNetwork: false,
    });
  });

  it('has an exit code only of one that ended, and no start', () => {
    const State = { Status: 'exited', Pid: 0, ExitCode: 137, StartedAt: '2026-11-23T10:00:00Z' };
    const { container, pid } = factsOf(seen({ State }), null);
    expect({ ...container, pid }).toMatchObject({ exitCode: 137, startedAt: null, pid: 0 });
    const created = { ...State, Status: 'created', ExitCode: 0 };
    expect(factsOf(seen({ State: created }), null).container.exitCode).toBeNull();
  });

  it.each([
    ['shop', 'web-green', 'web.2', 'green'],
    ['blog', 'web-blue', 'blog_web.2', 'blue'],
    ['shop', 'db', 'db.2', null],
    ['shop', 'cobweb-blue', 'cobweb-blue.2', null],
  ])('calls task 2 of %s_%s %s', (stack, service, name, colour) => {
    const { container } = factsOf(seen({ labels: task(stack, service) }), 'shop');
    expect(container).toMatchObject({ name, colour });
  });

  it('takes the colour of a label, and of no other word', () => {
    const colour = (text: string) =>
      factsOf(seen({ labels: { 'portsync.colour': text } }), null).container.colour;
    expect([colour('green'), colour('red')]).toEqual(['green', null]);
  });
});

describe('factsOfListed', () => {
  const listed = {
    Id: 'b'.repeat(64),
    Names: ['/stuck'],
    Image: 'box',
    State: 'running',
    Status: 'Up 2 hours (unhealthy)',
    Labels: {},
    Created: 1_795_461_115,
  };

  it('says what the list alone tells', () => {
    const { container } = factsOfListed(listed, null);
    expect(container).toMatchObject({ name: 'stuck', state: 'running', health: 'unhealthy' });
    const ended = factsOfListed({ ...listed, State: 'exited', Status: 'Exited (3) now' }, null);
    expect(ended.container.exitCode).toBe(3);
  });

  it('differs when state or health changed, and not as time goes by', () => {
    const facts = factsOfListed(listed, null);
    expect(differs({ ...listed, Status: 'Up 3 hours (unhealthy)' }, facts)).toBe(false);
    expect(differs({ ...listed, Status: 'Up 3 hours (health: starting)' }, facts)).toBe(true);
    expect(differs({ ...listed, State: 'paused' }, facts)).toBe(true);
  });
});
