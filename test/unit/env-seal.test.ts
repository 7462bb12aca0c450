import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { setVariable } from '../../src/services/env/operations.ts';
import { ageSeal, type SealSettings, sealOf } from '../../src/services/env/seal.ts';
import { EnvStore } from '../../src/services/env/store.ts';
import type { Holder } from '../../src/services/lock/lock.ts';
import { type Ending, FakeDisk, Killed } from '../rig/fake-disk.ts';

const DIR = '/app';
const KEY = '/keys/env.key';
const SECRET = 'correct-horse';
const signal = new AbortController().signal;
const ENDINGS: Ending[] = ['kill', 'power, unsynced lost', 'power, names kept', 'power, data kept'];

let key: string;
let settings: SealSettings;
let processes = 0;
beforeAll(async () => {
  key = await generateX25519Identity();
  settings = { recipient: await identityToRecipient(key), identity: KEY };
});

/** A process of its own: every earlier one is dead. */
function storeOn(disk: FakeDisk): EnvStore {
  const me = `process-${processes++}`;
  const isAlive = (token: string) => token === me;
  const holder: Holder = { newToken: () => me, forget: () => {}, isAlive, describe: () => me };
  const who = { author: 'maria', host: 'main', nameOf: () => 'deploy' };
  return new EnvStore(DIR, { disk, holder, who, now: () => Date.UTC(2026, 0, 1) });
}

function plantSetting(disk: FakeDisk, on: boolean): void {
  const { recipient, identity } = settings;
  const text = `env: { encrypt: { recipient: ${recipient}, identity: ${identity} } }\n`;
  disk.plant(`${DIR}/portsync.yaml`, Buffer.from(on ? text : 'app: shop\n'));
}

/** Two versions in the clear, and the key. */
async function withVersions(): Promise<FakeDisk> {
  const disk = new FakeDisk(DIR);
  disk.plant(KEY, Buffer.from(`# key\n${key}\n`));
  disk.plant(`${DIR}/.env`, Buffer.from(`A=1\nPASSWORD=${SECRET}\n`));
  await setVariable(storeOn(disk), 'A', '2', signal);
  return disk;
}

async function contents(disk: FakeDisk): Promise<string[]> {
  const store = storeOn(disk);
  const { versions } = await store.history(signal);
  return Promise.all(versions.map(async ({ id }) => (await store.content(id)).toString()));
}

const encrypt = async (disk: FakeDisk) => {
  const set = async () => plantSetting(disk, true);
  return storeOn(disk).convert(ageSeal(disk, settings), set, signal);
};

async function kept(disk: FakeDisk): Promise<string> {
  const files = disk.paths().filter((path) => path.startsWith(`${DIR}/.portsync`));
  const all = await Promise.all(files.map((path) => disk.read(path)));
  return all.map((bytes) => bytes?.toString('latin1') ?? '').join('\n');
}

describe('versions that are encrypted', () => {
  it('hold no secret, are read as before, and become plain again', async () => {
    const disk = await withVersions();
    const before = await contents(disk);
    expect(await kept(disk)).toContain(SECRET);
    expect(await encrypt(disk)).toBe(2);
    expect(await kept(disk)).not.toContain(SECRET);
    expect(await contents(disk)).toEqual(before);
    await setVariable(storeOn(disk), 'A', '3', signal);
    expect(await kept(disk)).not.toContain(SECRET);
    expect(await contents(disk)).toEqual([`A=3\nPASSWORD=${SECRET}\n`, ...before]);
    const off = async () => plantSetting(disk, false);
    expect(await storeOn(disk).convert(null, off, signal)).toBe(3);
    expect(await sealOf(disk, DIR)).toBeNull();
    expect(await contents(disk)).toEqual([`A=3\nPASSWORD=${SECRET}\n`, ...before]);
  });

  it('are listed, and new ones kept, without the key; their text needs it', async () => {
    const disk = await withVersions();
    await encrypt(disk);
    await disk.remove(KEY);
    await setVariable(storeOn(disk), 'A', '3', signal);
    disk.plant(`${DIR}/.env`, Buffer.from('A=4\n'));
    const store = storeOn(disk);
    const { versions, current } = await store.history(signal);
    expect(versions).toHaveLength(4);
    expect(current).toBe(versions[0]?.id);
    await expect(store.content(versions[1]?.id ?? '')).rejects.toMatchObject({
      code: 'env-key-missing',
    });
  });

  it('are all readable wherever a conversion is cut off, and another one ends it', async () => {
    for (const ending of ENDINGS) {
      for (let cut = 1; ; cut += 3) {
        const disk = await withVersions();
        const before = await contents(disk);
        let steps = 0;
        disk.before = () => {
          steps += 1;
          if (steps === cut) throw new Killed();
        };
        const done = await encrypt(disk).then(
          () => true,
          () => false,
        );
        const next = disk.after(ending);
        expect(await contents(next)).toEqual(before);
        await encrypt(next);
        expect(await kept(next)).not.toContain(SECRET);
        expect(await contents(next)).toEqual(before);
        if (done) break;
      }
    }
  }, 120_000);

  it('come into effect whole or not at all, wherever a change is cut off', async () => {
    for (let cut = 1; ; cut += 1) {
      const disk = await withVersions();
      await encrypt(disk);
      const before = await contents(disk);
      let steps = 0;
      disk.before = () => {
        steps += 1;
        if (steps === cut) throw new Killed();
      };
      const done = await setVariable(storeOn(disk), 'A', '3', signal).then(
        () => true,
        () => false,
      );
      const next = disk.after('kill');
      const after = await contents(next);
      const live = (await next.read(`${DIR}/.env`))?.toString();
      expect(after[0]).toBe(live);
      expect(after.slice(after.length - before.length)).toEqual(before);
      expect(await kept(next)).not.toContain(SECRET);
      if (done) break;
    }
  }, 120_000);
});
