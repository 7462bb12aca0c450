import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withPorts } from '../../src/services/lab/host/project.ts';
import { Undo } from '../../src/services/lab/host/undo.ts';
import { identify, isAlive } from '../../src/services/lab/machine/identity.ts';
import { LogRing } from '../../src/services/lab/machine/log-ring.ts';
import { parsePs } from '../../src/services/lab/machine/usage.ts';
import { Schedule } from '../../src/services/lab/traffic/schedule.ts';

describe('the schedule of the traffic', () => {
  it('sends what is due by the clock, however late it is looked at', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1 });
    fc.assert(
      fc.property(looks, fc.integer({ min: 0, max: 500 }), (gaps, rate) => {
        const schedule = new Schedule(rate, 100);
        let now = 100;
        let sent = 0;
        for (const gap of gaps) {
          now += gap;
          sent += schedule.take(now);
        }
        expect(sent).toBe(Math.floor(((now - 100) * rate) / 1000));
      }),
    );
  });

  it('changes its rate without losing or repeating anything', () => {
    const schedule = new Schedule(10, 0);
    expect(schedule.take(1_000)).toBe(10);
    schedule.setRate(100, 1_500);
    expect(schedule.take(1_500)).toBe(5);
    expect(schedule.take(2_500)).toBe(100);
    schedule.setRate(0, 2_500);
    expect(schedule.take(99_000)).toBe(0);
  });
});

describe('the output of ps', () => {
  it('is read as Linux and as macOS write it', () => {
    const samples = parsePs('    1     0   1234 1-02:03:04\n  770     1  20480   1:02.50\n\n');
    expect(samples.get(1)).toMatchObject({ parent: 0, cpuMs: 93_784_000 });
    expect(samples.get(770)).toMatchObject({
      parent: 1,
      cpuMs: 62_500,
      memoryBytes: 20 * 1024 * 1024,
    });
    expect(samples.size).toBe(2);
  });
});

describe('a process', () => {
  it('is known by its birth: another one with its pid is not it', () => {
    const me = identify(process.pid);
    expect(me && isAlive(me)).toBe(true);
    expect(isAlive({ pid: process.pid, born: 'another day' })).toBe(false);
    expect(identify(2 ** 22 + 1)).toBeNull();
  });
});

describe('the ports in a lab’s .env', () => {
  const server = (port: number) => ({ port, database: 'lab', admin: LOGIN, owner: LOGIN });
  const LOGIN = { user: 'lab', password: 'secret' };
  const moved = (from: [number, number], to: [number, number]) => ({
    db: { identity: server(to[0]) },
    cloud: { identity: server(to[1]) },
    before: { kind: 'postgres', db: server(from[0]), cloud: server(from[1]) },
  });
  const env = '# mine\nDATABASE_URL=postgres://a:b@127.0.0.1:50/x\nOTHER=127.0.0.1:50/\n';

  it('follow the servers, even when these have changed places, and nothing else does', () => {
    const databases = moved([50, 60], [60, 50]) as never;
    expect(withPorts(env, databases)).toBe(env.replace('@127.0.0.1:50', '@127.0.0.1:60'));
    expect(withPorts(env, moved([70, 80], [71, 81]) as never)).toBe(env);
  });
});

describe('a log', () => {
  it('keeps the newest lines, and gives followers what was and what comes, in order', async () => {
    const log = new LogRing();
    for (let n = 0; n < 5_000; n += 1) log.add('stdout', `line ${n}`);
    expect(log.tail(10_000)).toHaveLength(2_000);
    const stop = new AbortController();
    const seen: string[] = [];
    log.add('stderr', 'x'.repeat(10_000));
    setTimeout(() => log.add('stdout', 'last'), 5);
    for await (const { text } of log.follow(2, stop.signal)) {
      seen.push(text.slice(0, 9));
      if (text === 'last') stop.abort();
    }
    expect(seen).toEqual(['line 4999', 'xxxxxxxxx', 'last']);
    expect(log.listenerCount('line')).toBe(0);
  });
});

describe('what has to be undone', () => {
  it('is undone once, last first, all of it, and the first failure is told', async () => {
    const done: string[] = [];
    const undo = new Undo();
    undo.add(() => void done.push('first'));
    undo.add(() => Promise.reject(new Error('stuck')));
    undo.add(async () => void done.push('last'));
    const both = [undo.run(), undo.run()];
    await expect(both[0]).rejects.toThrow('stuck');
    await expect(both[1]).rejects.toThrow('stuck');
    expect(done).toEqual(['last', 'first']);
  });
});
