import { describe, expect, it } from 'vitest';
import { PortSyncError } from '../../src/errors.ts';
import { restoreVersion, setVariable } from '../../src/services/env/operations.ts';
import { EnvStore } from '../../src/services/env/store.ts';
import type { Holder } from '../../src/services/lock/lock.ts';
import { type Ending, FakeDisk, fault, Killed } from '../rig/fake-disk.ts';

const DIR = '/app';
const FILE = '/app/.env';
const signal = new AbortController().signal;
const ENDINGS: Ending[] = ['kill', 'power, unsynced lost', 'power, names kept', 'power, data kept'];

let processes = 0;

/** A process of its own: every earlier one is dead. */
function storeOn(disk: FakeDisk): EnvStore {
  const me = `process-${processes++}`;
  const holder: Holder = {
    newToken: () => me,
    forget: () => {},
    isAlive: (token) => token === me,
    describe: (token) => token,
  };
  const who = { author: 'maria', host: 'main', nameOf: () => 'deploy' };
  return new EnvStore(DIR, { disk, holder, who, now: () => Date.UTC(2026, 0, 1) });
}

interface Story {
  name: string;
  /** What was there before. */
  start: string | null;
  work(store: EnvStore): Promise<unknown>;
  /** What the file holds when the work is done. */
  end: string;
  reason: string;
}

const OLD = '# app\nA=1\nB="two"\n';
const stories: Story[] = [
  {
    name: 'a key is set',
    start: OLD,
    work: (store) => setVariable(store, 'A', '2', signal),
    end: '# app\nA=2\nB="two"\n',
    reason: 'set A',
  },
  {
    name: 'the first key of all is set',
    start: null,
    work: (store) => setVariable(store, 'A', '2', signal),
    end: 'A=2\n',
    reason: 'set A',
  },
  {
    name: 'the first version is restored',
    start: OLD,
    async work(store) {
      await setVariable(store, 'A', '3', signal);
      const { versions } = await store.history(signal);
      await restoreVersion(store, versions.at(-1)?.id ?? '', signal);
    },
    end: OLD,
    reason: 'restored ',
  },
  {
    name: 'another program changed the file',
    start: OLD,
    work: (store) => store.history(signal),
    end: OLD,
    reason: 'first seen',
  },
];

describe.each(stories)('when PortSync ends while $name', ({ start, work, end, reason }) => {
  it.each(ENDINGS)('at any step (%s), the file and every version are whole', async (ending) => {
    for (let killAt = 1; ; killAt += 1) {
      const disk = new FakeDisk(DIR);
      if (start !== null) disk.plant(FILE, Buffer.from(start), 0o640);
      disk.before = (step) => {
        if (step === killAt) throw new Killed();
      };
      const survived = await work(storeOn(disk)).then(
        () => true,
        () => false,
      );
      await expectWhole(disk.after(survived ? 'kill' : ending), { start, end, reason });
      if (survived) return;
    }
  });

  it.each(['ENOSPC', 'EIO'])(
    'with %s at any step, it says so and the file is whole',
    async (code) => {
      for (let failAt = 1; ; failAt += 1) {
        const disk = new FakeDisk(DIR);
        if (start !== null) disk.plant(FILE, Buffer.from(start), 0o640);
        disk.before = (step) => {
          if (step === failAt) throw fault(code);
        };
        const error = await work(storeOn(disk)).then(
          () => null,
          (thrown) => thrown,
        );
        const done = disk.steps < failAt;
        if (error) expect(error).toBeInstanceOf(PortSyncError);
        disk.before = () => {};
        await expectWhole(disk, { start, end, reason });
        if (done) return;
      }
    },
  );
});

it('keeps what was the .env for a moment, though PortSync was killed and an editor saved then', async () => {
  for (let killAt = 1, survived = false; !survived; killAt += 1) {
    const disk = new FakeDisk(DIR);
    disk.plant(FILE, Buffer.from(OLD));
    disk.before = (step) => {
      if (step === killAt) throw new Killed();
    };
    survived = await setVariable(storeOn(disk), 'A', '2', signal).then(
      () => true,
      () => false,
    );
    const next = disk.after('kill');
    const held = String(await storeOn(next).live());
    next.plant(FILE, Buffer.from('BY=hand\n'));
    const store = storeOn(next);
    const { versions } = await store.history(signal);
    const kept = await Promise.all(versions.map(async ({ id }) => String(await store.content(id))));
    expect(kept[0]).toBe('BY=hand\n');
    // What nobody saw before PortSync started to look cannot be kept: that is the first file of all.
    if (held !== OLD) expect(kept).toEqual(expect.arrayContaining([OLD, held]));
  }
});

it('keeps what an editor saves at any step of a change, and the change', async () => {
  for (let saveAt = 1, ended = false; !ended; saveAt += 1) {
    const disk = new FakeDisk(DIR);
    disk.plant(FILE, Buffer.from(OLD));
    const store = storeOn(disk);
    await store.history(signal);
    const first = disk.steps;
    disk.before = (step) => {
      if (step === first + saveAt) disk.plant(FILE, Buffer.from('BY=hand\n'));
    };
    await setVariable(store, 'A', '2', signal);
    ended = disk.steps < first + saveAt;
    const { versions } = await store.history(signal);
    const kept = await Promise.all(versions.map(async ({ id }) => String(await store.content(id))));
    expect(kept.at(-1)).toBe(OLD);
    if (!ended) expect(kept).toContain('BY=hand\n');
    expect(kept.some((text) => text.includes('A=2'))).toBe(true);
    expect(kept[0]).toBe(String(await store.live()));
  }
});

async function expectWhole(
  disk: FakeDisk,
  { start, end, reason }: { start: string | null; end: string; reason: string },
): Promise<void> {
  const store = storeOn(disk);
  const content = (await store.live())?.toString() ?? null;
  const between = start?.replace('A=1', 'A=3') ?? null;
  expect([start, between, end]).toContain(content);
  if (content !== null && start !== null) expect((await disk.facts(FILE))?.mode).toBe(0o640);

  const { versions, current, notRecorded } = await store.history(signal);
  expect(notRecorded).toBeNull();
  expect(current).toBe(versions[0]?.id ?? null);
  for (const { id } of versions) await store.content(id);
  const contents = await Promise.all(
    versions.map(async ({ id }) => String(await store.content(id))),
  );
  expect(contents[0] ?? null).toBe(content);
  // What the file once held is kept, and nothing else is.
  expect(contents.every((each) => [start, between, end].includes(each))).toBe(true);
  if (content !== start && start !== null) expect(contents).toContain(start);
  if (content === end && start !== end) expect(versions[0]?.reason).toMatch(reason);
  expect(new Set(versions.map(({ reason: each }) => each))).not.toContain(
    'changed outside PortSync',
  );
  expect(disk.paths().filter((path) => /\.new$|portsync-/.test(path))).toEqual([]);

  await setVariable(store, 'LATER', 'x', signal);
  expect((await store.live())?.toString()).toContain('LATER=x\n');
  expect((await store.history(signal)).versions[0]?.reason).toBe('set LATER');
  expect(disk.paths().filter((path) => /lock/.test(path))).toEqual([]);
}
