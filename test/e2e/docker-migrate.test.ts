import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'dotenv';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Caller } from '../rig/http-interface.ts';
import { startLoad } from '../rig/load.ts';
import { describeWith } from '../rig/needs.ts';
import { askPostgres, startSecondServer } from '../rig/second-server.ts';
import { startShop } from '../rig/shop.ts';
import { type SwarmRig, startSwarmRig, swarmNeed, variableOfReplicas } from '../rig/swarm.ts';
import { until } from '../rig/until.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;
const PER_SECOND = 80;
const AT_ONCE = 50;
const DEADLINE_MS = 5_000;
const PASSWORD = 'second-server-of-the-test';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 360_000 });

describeWith(swarmNeed, 'moving the database of an app on Docker', () => {
  let rig: SwarmRig;
  let someone: Caller;
  let source: string;
  let target: string;

  const databaseUrl = async () => parse(await readFile(join(rig.dir, '.env'))).DATABASE_URL ?? '';

  const done = async (...args: string[]) => {
    const { code, result, stdout, stderr } = await rig.portsync(...args, '--json').ended;
    expect({ code, error: result.error, stderr }).toMatchObject({ code: 0, error: undefined });
    expect(stdout + stderr).not.toContain(PASSWORD);
    return result;
  };

  const sidesOfReplicas = async () =>
    (await variableOfReplicas(rig, someone, 'DATABASE_URL')).map(sideOf);

  /** The URLs themselves hold a password, which must not get into a test's output. */
  function sideOf(url = ''): 'source' | 'target' | null {
    return url === source ? 'source' : url === target ? 'target' : null;
  }

  const wayBackIsOpen = async () =>
    ((await done('migrate', 'status')).wayBack as { open: boolean }).open;

  /** One turn under a steady load: no request fails, and every acknowledged write is kept. */
  async function turn(...args: string[]): Promise<string[]> {
    const stop = startLoad(someone, PER_SECOND, AT_ONCE);
    await sleep(500);
    const result = await done('migrate', ...args, '--yes').finally(() => sleep(1000));
    const { failures, reads, writes, written } = await stop();
    expect([...new Set(failures)]).toEqual([]);
    expect(reads + writes).toBeGreaterThan(PER_SECOND);
    expect(result).toMatchObject({ failedRequests: 0, problem: null });
    expect(result).toMatchObject({ proof: { equal: true, differences: [] } });
    expect(result.heldMs).toBeLessThan(DEADLINE_MS);
    const kept = new Set(await someone.texts());
    expect(written.filter((text) => !kept.has(text))).toEqual([]);
    expect(result.state).toBe(args[0] === 'back' ? 'returned' : 'switched');
    return written;
  }

  beforeAll(async () => {
    rig = await startSwarmRig({ built: PORTSYNC });
    target = await startSecondServer(rig, PASSWORD);
    someone = await startShop(rig, 'watchSeconds: 1');
    await someone.write('first');
    source = await databaseUrl();
  });
  afterAll(() => rig?.close());

  it('goes from its container to another server under load', async () => {
    expect(new URL(source).hostname).toBe('db');
    const written = await turn(target);
    expect(sideOf(await databaseUrl())).toBe('target');
    expect(await sidesOfReplicas()).toEqual(['target', 'target']);
    const there = new Set(await notesAt(target));
    expect(['first', ...written].filter((text) => !there.has(text))).toEqual([]);
  });

  it('comes back with everything written since, and refuses writes where it was', async () => {
    await someone.write('on the second server');
    await until(wayBackIsOpen, 60_000, 'the way back is open');
    await turn('back');
    expect(sideOf(await databaseUrl())).toBe('source');
    expect(await sidesOfReplicas()).toEqual(['source', 'source']);
    expect(await someone.texts()).toContain('on the second server');
    await someone.write('on the first server again');
    expect(await notesAt(target)).toContain('on the second server');
  });

  it('ends, and leaves an app that goes on', async () => {
    expect(await done('migrate', 'finish', '--yes')).toMatchObject({ state: 'finished' });
    await someone.write('last');
    expect(await someone.texts()).toContain('last');
    expect(await notesAt(target)).not.toContain('last');
  });
});

async function notesAt(url: string): Promise<string[]> {
  return (await askPostgres(url, 'select text from notes')).map(({ text }) => text);
}
