import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseBytes } from '../../src/services/env/document.ts';
import { setVariable } from '../../src/services/env/operations.ts';
import { EnvStore } from '../../src/services/env/store.ts';
import { bundle } from '../rig/bundle.ts';

const PROCESSES = 8;
const CHANGES = 200;
const KILLS = Number(process.env.PORTSYNC_KILLS ?? 25);
const signal = new AbortController().signal;

let root: string;
let program: string;
let dir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portsync-env-'));
  program = await bundle(new URL('../rig/env-worker.ts', import.meta.url).pathname, root);
});
beforeEach(async () => {
  dir = await mkdtemp(join(root, 'project-'));
  await writeFile(join(dir, '.env'), '# shop\nURL="https://x" # kept\n', { mode: 0o640 });
});
afterAll(() => rm(root, { recursive: true }));

function worker(key: string, count: number): ChildProcess {
  return spawn(process.execPath, [program, dir, key, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function said(child: ChildProcess, word: string): Promise<void> {
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    if (line === word) return;
  }
}

describe('many processes', () => {
  it(`change the same .env: ${PROCESSES * CHANGES} versions, none lost, the file is the last`, async () => {
    const keys = Array.from({ length: PROCESSES }, (_, index) => `KEY_${index}`);
    const ended = keys.map((key) => once(worker(key, CHANGES), 'exit'));
    for (const [code] of await Promise.all(ended)) expect(code).toBe(0);

    const store = new EnvStore(dir);
    const { versions, current } = await store.history(signal);
    expect(versions).toHaveLength(PROCESSES * CHANGES + 1);
    expect(versions.at(-1)?.reason).toBe('first seen');
    expect(current).toBe(versions[0]?.id);
    // Each version is the one before and one more step of one key: so none is lost or overwritten.
    const counts = new Map<string, number>();
    for (const { id, changed } of versions.toReversed().slice(1)) {
      const [key = ''] = changed;
      const step = (counts.get(key) ?? 0) + 1;
      counts.set(key, step);
      expect(changed).toHaveLength(1);
      expect(parseBytes(await store.content(id)).values.get(key)).toBe(String(step));
    }
    expect([...counts].sort()).toEqual(keys.map((key) => [key, CHANGES]));
    const text = await readFile(join(dir, '.env'), 'utf8');
    expect(text.startsWith('# shop\nURL="https://x" # kept\n')).toBe(true);
    expect(await readdir(dir)).toEqual(['.env', '.portsync']);
  }, 400_000);
});

describe('a process that is killed at any moment', () => {
  it(
    `(${KILLS} times) leaves the file and every version whole, and holds no one up`,
    async () => {
      const store = new EnvStore(dir);
      let known = 0;
      for (let round = 0; round < KILLS; round += 1) {
        const child = worker('KEY', 0);
        // Every other one has made a change by then, however slow the machine is.
        await said(child, round % 2 ? '1' : 'ready');
        await sleep(Math.random() * 60);
        child.kill('SIGKILL');
        await once(child, 'exit');

        const content = await readFile(store.file);
        const value = parseBytes(content).values.get('KEY') ?? null;
        expect(content.toString()).toBe(
          value === null
            ? '# shop\nURL="https://x" # kept\n'
            : `# shop\nURL="https://x" # kept\nKEY=${value}\n`,
        );
        const { versions, current } = await store.history(signal);
        expect(versions.length).toBeGreaterThanOrEqual(known);
        known = versions.length;
        expect(current).toBe(versions[0]?.id ?? null);
        expect(versions.filter(({ reason }) => !/^(set KEY|first seen)$/.test(reason))).toEqual([]);
      }
      expect(known).toBeGreaterThan(KILLS >> 1);
      for (const { id } of (await store.history(signal)).versions) await store.content(id);
      await setVariable(store, 'KEY', 'end', signal);
      const left = await readdir(join(dir, '.portsync', 'env'));
      expect(left.filter((name) => !name.endsWith('.env'))).toEqual(['index.jsonl']);
      expect(await readdir(dir)).toEqual(['.env', '.portsync']);
    },
    60_000 + KILLS * 5000,
  );
});
