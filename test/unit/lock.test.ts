import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../src/errors.ts';
import { thisProcess } from '../../src/services/lock/holder.ts';
import { type Holder, withLock as lock, type Patience } from '../../src/services/lock/lock.ts';
import { FakeDisk } from '../rig/fake-disk.ts';

const PATH = '/app/lock';
const signal = new AbortController().signal;
const process = (name: string, isAlive: Holder['isAlive']): Holder => ({
  newToken: () => name,
  forget: () => {},
  isAlive,
  describe: (token) => token,
});

const patience: Patience = {
  waitMs: 30_000,
  refusal: (who) => new ExternalError({ code: 'busy', message: `${who} has it.` }),
};
const withLock = <T>(
  disk: FakeDisk,
  path: string,
  holder: Holder,
  stop: AbortSignal,
  work: () => Promise<T>,
) => lock(disk, path, holder, stop, work, patience);

describe('the lock', () => {
  it('of a dead process is taken over by one of those that wait, and never held by two', async () => {
    for (let round = 0; round < 20; round += 1) {
      const disk = new FakeDisk('/app');
      await disk.makeLink('dead', PATH);
      await disk.makeLink('dead too', `${PATH}.left`);
      let inside = 0;
      let most = 0;
      const work = async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(1);
        inside -= 1;
      };
      const names = ['a', 'b', 'c', 'd', 'e'];
      const alive = (token: string) => names.includes(token);
      await Promise.all(
        names.map((name) => withLock(disk, PATH, process(name, alive), signal, work)),
      );
      expect(most).toBe(1);
      expect(await disk.readLink(PATH)).toBeNull();
    }
  });

  it('of someone who was killed while taking it over is taken over as well', async () => {
    const disk = new FakeDisk('/app');
    await disk.makeLink('dead', PATH);
    const claims: string[] = [];
    const makeLink = disk.makeLink.bind(disk);
    disk.makeLink = async (text, path) => {
      const made = await makeLink(text, path);
      if (made && path !== PATH && claims.push(path) === 1) throw new Error('killed here');
      return made;
    };
    const alive = (token: string) => token === 'second';
    const first = withLock(disk, PATH, process('first', alive), signal, async () => 1);
    await expect(first).rejects.toThrow('killed here');
    expect(await withLock(disk, PATH, process('second', alive), signal, async () => 2)).toBe(2);
    expect(disk.paths()).toEqual([]);
  });

  it('of a dead process costs even the impatient nothing', async () => {
    for (let round = 0; round < 50; round += 1) {
      const disk = new FakeDisk('/app');
      await disk.makeLink('dead', PATH);
      const impatient = { ...patience, waitMs: 0 };
      const me = process('me', (token) => token === 'me');
      expect(await lock(disk, PATH, me, signal, async () => 1, impatient)).toBe(1);
    }
  });

  it('is waited for while its holder lives, and the wait can be ended', async () => {
    const disk = new FakeDisk('/app');
    await disk.makeLink('living', PATH);
    const stop = new AbortController();
    const waiting = withLock(
      disk,
      PATH,
      process('me', () => true),
      stop.signal,
      async () => 1,
    );
    setTimeout(() => stop.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect((await disk.readLink(PATH))?.text).toBe('living');
    const limit = AbortSignal.timeout(30);
    const late = withLock(
      disk,
      PATH,
      process('me', () => true),
      limit,
      async () => 1,
    );
    await expect(late).rejects.toMatchObject({ code: 'busy', message: 'living has it.' });
  });

  it('of a holder that no one can ask about is given up after a while', async () => {
    const disk = new FakeDisk('/app');
    // Made in 1970, as far as this disk knows.
    await disk.makeLink('on another machine', PATH);
    expect(
      await withLock(
        disk,
        PATH,
        process('me', () => null),
        signal,
        async () => 1,
      ),
    ).toBe(1);
  });
});

describe('a process', () => {
  it('knows itself, the dead, and those that it cannot know', () => {
    const token = thisProcess.newToken();
    expect(thisProcess.isAlive(token)).toBe(true);
    const [place = '', pid = '', started = ''] = token.split(' ');
    expect(thisProcess.isAlive([place, '1', 'long ago', 'x'].join(' '))).toBe(false);
    expect(thisProcess.isAlive([place, pid, `${started}0`, 'x'].join(' '))).toBe(false);
    expect(thisProcess.isAlive(['elsewhere,b,1', pid, started, 'x'].join(' '))).toBeNull();
    expect(thisProcess.describe(token)).toMatch(/^Process \d+ on \S+$/);
    thisProcess.forget(token);
    expect(thisProcess.isAlive(token)).toBe(false);
  });
});
