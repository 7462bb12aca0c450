import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyChanges, parsed } from '../src/services/env/changes.ts';
import { restoreVersion } from '../src/services/env/operations.ts';
import { EnvStore } from '../src/services/env/store.ts';
import { indexLine, sha256, versionId } from '../src/services/env/versions.ts';
import { benchOptions, median, type Row, report } from './report.ts';

// What the history of the .env costs, in process and as a whole command, beside a bare Node and git
// with as many commits of the same file. `npm run bench:env`; git is left out where it is missing.

const { quick, json } = benchOptions();
const ROUNDS = quick ? 9 : 31;
const KEYS = 40;
const BIN = new URL('../bin/portsync.js', import.meta.url).pathname;
const signal = new AbortController().signal;
const hasGit = spawnSync('git', ['--version']).status === 0;
const rows: Row[] = [];

for (const count of [1000, 10_000]) {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-bench-'));
  try {
    await fill(dir, count);
    rows.push(...(await inProcess(dir, count)), ...wholeProcess(dir, count));
  } finally {
    await rm(dir, { recursive: true });
  }
}
report(rows, hasGit ? [] : ['git: it is not installed here'], json);

/** `count` versions as PortSync would have left them, and the same as commits. */
async function fill(dir: string, count: number): Promise<void> {
  const folder = join(dir, '.portsync', 'env');
  await mkdir(folder, { recursive: true });
  const index: string[] = [];
  const commits: string[] = [];
  const start = Date.UTC(2026, 0, 1);
  for (let number = 1; number <= count; number += 1) {
    const text = textOf(number);
    const at = start + number * 60_000;
    const hash = sha256(Buffer.from(text));
    const id = versionId(at, hash);
    const changed = [`KEY_${number % KEYS}`];
    const who = { author: 'maria', host: 'main', reason: `set ${changed[0]}` };
    const facts = { changed, sha256: hash, named: false, sizeBytes: text.length };
    index.push(indexLine({ id, at: new Date(at).toISOString(), ...who, ...facts }));
    commits.push(commitOf(text, at / 1000, who.reason));
    await writeFile(join(folder, `${id}.env`), text, { mode: 0o600 });
  }
  await writeFile(join(folder, 'index.jsonl'), index.join(''));
  await writeFile(join(dir, '.env'), textOf(count), { mode: 0o600 });
  if (!hasGit) return;
  execFileSync('git', ['init', '-q', dir]);
  execFileSync('git', ['-C', dir, 'fast-import', '--quiet'], { input: commits.join('') });
}

function textOf(number: number): string {
  const value = (key: number) => number - ((number - key) % KEYS);
  return Array.from({ length: KEYS }, (_, key) => `KEY_${key}="value ${value(key)}"\n`).join('');
}

function commitOf(text: string, seconds: number, message: string): string {
  const who = `maria <maria@example.com> ${seconds} +0000`;
  return [
    `commit refs/heads/master\ncommitter ${who}`,
    `data ${message.length}\n${message}`,
    `M 100644 inline .env\ndata ${text.length}\n${text}`,
  ].join('\n');
}

async function inProcess(dir: string, count: number): Promise<Row[]> {
  const goal = count === 1000 ? { atMost: 50, of: 'value' as const } : null;
  const row = (what: string, portsync: number): Row => ({
    metric: `${what}, in process, ${count} versions`,
    ...{ unit: 'ms', portsync, peer: null, peerName: null, goal },
  });
  const { versions } = await new EnvStore(dir).history(signal);
  const [newest, , middle] = [versions[0], versions[1], versions[count >> 1]];
  if (!newest || !middle || versions.length !== count)
    throw new Error('the versions are not there');
  const list = await typical(() => new EnvStore(dir).history(signal));
  const diff = await typical(async () => {
    const store = new EnvStore(dir);
    await store.history(signal);
    const [before, after] = [await store.content(middle.id), await store.content(newest.id)];
    keyChanges(parsed(before), parsed(after), { reveal: false });
  });
  let turn = 0;
  const restore = await typical(() => {
    const id = [middle.id, newest.id][turn++ % 2] ?? '';
    return restoreVersion(new EnvStore(dir), id, signal);
  });
  return [row('list', list), row('diff', diff), row('restore', restore)];
}

async function typical(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const start = performance.now();
    await work();
    // The first one also loads and compiles.
    if (round > 0) times.push(performance.now() - start);
  }
  return median(times);
}

/** Taken in turn, so that a noisy machine disturbs all alike. */
function wholeProcess(dir: string, count: number): Row[] {
  const commands: Record<string, [string, string[]]> = {
    portsync: [process.execPath, [BIN, 'env', 'list', '--project', dir]],
    node: [process.execPath, ['-e', '0']],
    git: ['git', ['-C', dir, 'log', '-30', '--format=%h %ci %an %s', '--', '.env']],
  };
  if (!hasGit) delete commands.git;
  const times: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, [program, args]] of Object.entries(commands)) {
      const start = performance.now();
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      times[name] = [...(times[name] ?? []), performance.now() - start];
    }
  }
  const metric = `env list, whole process, ${count} versions`;
  const portsync = median(times.portsync ?? []);
  const row = (peer: string, peerName: string, goal: Row['goal']): Row => ({
    ...{ metric, unit: 'ms', portsync, peer: median(times[peer] ?? []), peerName, goal },
  });
  const goal = count === 1000 ? { atMost: 2, of: 'ratio' as const } : null;
  return [row('node', 'bare node', goal), ...(hasGit ? [row('git', 'git log', null)] : [])];
}
