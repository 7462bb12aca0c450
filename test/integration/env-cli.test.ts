// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of compose files.
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { envActions, envProbe } from '../../src/services/env/index.ts';
import { bundle } from '../rig/bundle.ts';
import { describeWith, type Need } from '../rig/needs.ts';
import { findProgram } from '../rig/programs.ts';
import { openTerminal } from '../rig/pty.ts';
import { mount, smallDisk, unmount } from '../rig/small-disk.ts';
import { until } from '../rig/until.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

let root: string;
let program: string;
let dir: string;
let file: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'portsync-env-'));
  chmodSync(root, 0o755);
  program = await bundle(new URL('../rig/env-cli.ts', import.meta.url).pathname, root);
  execFileSync('chmod', ['-R', 'go+rX', root]);
});
beforeEach(() => {
  dir = mkdtempSync(join(root, 'project-'));
  file = join(dir, '.env');
});
afterAll(() => rmSync(root, { recursive: true }));

interface Answer {
  code: number | null;
  stdout: Buffer;
  stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the program answered; tests say what.
  json: any;
}

interface RunOptions {
  input?: string | Buffer;
  uid?: number;
  env?: Record<string, string>;
}

function env(args: readonly string[], { input = '', uid, env: more }: RunOptions = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'env', ...args], {
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, SUDO_USER: 'maria', ...more },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const stdout = Buffer.concat(out);
      const stderr = Buffer.concat(err).toString();
      try {
        const json = args.includes('--json') ? JSON.parse(stdout.toString()) : null;
        resolve({ code, stdout, stderr, json });
      } catch {
        reject(new Error(`no JSON from env ${args.join(' ')}: ${stdout}${stderr}`));
      }
    });
    child.stdin.end(input);
  });
}

describe('portsync env in a directory with nothing but a .env', () => {
  it('sets, compares, restores and undoes the restoring', async () => {
    const text = '# shop\r\nexport A="one" # why\r\nTOKEN=t0p-secret';
    writeFileSync(file, text);
    expect((await env(['list', '--json'])).json).toMatchObject([
      { reason: 'first seen', changed: ['A', 'TOKEN'], current: true },
    ]);
    const set = await env(['set', 'TOKEN', '--json'], { input: 'n3w-secret\n' });
    expect(set.json).toMatchObject({ event: 'result', ok: true, author: 'maria', written: true });
    expect(readFileSync(file, 'utf8')).toBe(text.replace('t0p', 'n3w'));

    const masked = await env(['diff', '--json', '--lines']);
    expect(masked.json.changes).toMatchObject([{ key: 'TOKEN', change: 'changed' }]);
    expect(masked.stdout.toString()).not.toMatch(/n3w|t0p|one/);
    const revealed = await env(['diff', '--json', '--reveal']);
    expect(revealed.json.changes).toMatchObject([{ before: 't0p-secret', after: 'n3w-secret' }]);

    const [newest, first] = (await env(['list', '--json'])).json;
    const restored = await env(['restore', first.id, '--yes', '--no-deploy', '--json']);
    expect(restored.json).toMatchObject({ ok: true, sha256: first.sha256, changed: ['TOKEN'] });
    expect(readFileSync(file, 'utf8')).toBe(text);
    await env(['restore', 'previous', '--yes']);
    expect(readFileSync(file, 'utf8')).toBe(text.replace('t0p', 'n3w'));
    expect((await env(['list', '--json'])).json).toHaveLength(4);
    const raw = await env(['show', newest.id, '--raw', '--reveal']);
    expect(raw.stdout.toString()).toBe(text.replace('t0p', 'n3w'));
  });

  it('keeps mode, owner and a link, and shuts everyone else out of the versions', async () => {
    mkdirSync(join(dir, 'shared'));
    const target = join(dir, 'shared', 'env');
    writeFileSync(target, 'A=1\n');
    chmodSync(target, 0o640);
    if (isRoot) chownSync(target, NOBODY, NOBODY);
    symlinkSync('shared/env', file);
    await env(['set', 'A'], { input: '2' });
    expect(readFileSync(target, 'utf8')).toBe('A=2\n');
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o640);
    if (isRoot) expect(statSync(target).uid).toBe(NOBODY);
    const versions = join(dir, '.portsync', 'env');
    expect(statSync(versions).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(versions)) {
      expect(statSync(join(versions, name)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(join(dir, '.portsync', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('says what is wrong, in words and for scripts, and changes nothing then', async () => {
    const nothing = await env(['show', '--json']);
    expect(nothing).toMatchObject({ code: 2, json: { ok: false, error: { code: 'env-missing' } } });
    expect(readdirSync(dir)).toEqual([]);
    writeFileSync(file, 'A=1\n');
    expect((await env(['set', 'A', '--json'])).json.error.code).toBe('env-value-missing');
    expect((await env(['set', 'A', '--value', ''])).code).toBe(0);
    expect((await env(['restore', 'nope', '--yes', '--json'])).code).toBe(2);
    expect((await env(['restore', 'previous', '--json'])).json.error.code).toBe(
      'confirmation-needed',
    );
    expect((await env(['restore', 'previous'])).stderr).toContain('Add --yes');
    expect((await env(['frobnicate', '--json'])).json.error.code).toBe('usage');
    expect(readFileSync(file, 'utf8')).toBe('A=\n');
  });

  it('edits a private copy in $EDITOR, and leaves nothing of it behind', async () => {
    writeFileSync(file, 'A=1\n');
    const editor = join(dir, 'editor.sh');
    writeFileSync(editor, '#!/bin/sh\ncp "$2" "$1"\nstat -c %a "$2" >> "$1"\necho B=2 >> "$2"\n', {
      mode: 0o755,
    });
    const seen = join(dir, 'seen');
    const answer = await env(['edit', '--yes', '--json'], { env: { EDITOR: `${editor} ${seen}` } });
    expect(answer.json).toMatchObject({ reason: 'edited', changed: ['B'] });
    expect(readFileSync(seen, 'utf8')).toBe('A=1\n600\n');
    expect(readFileSync(file, 'utf8')).toBe('A=1\nB=2\n');
    const failed = await env(['edit', '--yes', '--json'], { env: { EDITOR: 'false' } });
    expect(failed.json.error.code).toBe('editor-failed');
    const left = readdirSync(join(dir, '.portsync', 'env'));
    expect(left.filter((name) => name.startsWith('edit-'))).toEqual([]);
  });

  it('shows the difference of an edit before it counts, and drops it on a no', async () => {
    writeFileSync(file, 'TOKEN=t0p-secret\n');
    const terminal = openTerminal({
      command: process.execPath,
      args: [program, 'env', 'edit'],
      cwd: dir,
      env: { EDITOR: 'sed -i s/t0p/n3w/' },
    });
    await terminal.waitFor('Write this as');
    const shown = terminal.screen().join('\n');
    expect(shown).toMatch(/~ TOKEN +changed/);
    expect(shown).not.toMatch(/t0p|n3w/);
    terminal.write('n\r');
    await terminal.exited;
    await terminal.kill();
    expect(readFileSync(file, 'utf8')).toBe('TOKEN=t0p-secret\n');
  });

  it('keeps what was changed by hand while it was not running, before its own change', async () => {
    writeFileSync(file, 'A=1\n');
    await env(['list']);
    writeFileSync(file, 'A=2\n');
    await env(['set', 'A', '--value', '3']);
    const kept = (await env(['list', '--json'])).json;
    expect(kept.map(({ reason }: { reason: string }) => reason)).toEqual([
      'set A',
      'changed outside PortSync',
      'first seen',
    ]);
    const byHand = await env(['show', kept[1].id, '--raw', '--reveal']);
    expect(byHand.stdout.toString()).toBe('A=2\n');
  });

  it('names a version, and prunes around it', async () => {
    writeFileSync(file, 'A=0\n');
    await env(['save', '--reason', 'before the upgrade']);
    for (const value of ['1', '2', '3']) await env(['set', 'A', '--value', value]);
    const pruned = await env(['prune', '--keep', '1', '--days', '0', '--yes', '--json']);
    expect(pruned.json.removed).toHaveLength(3);
    const rest = (await env(['list', '--json'])).json;
    expect(rest.map(({ reason }: { reason: string }) => reason)).toEqual([
      'set A',
      'before the upgrade',
    ]);
    await env(['restore', rest[1].id, '--yes']);
    expect(readFileSync(file, 'utf8')).toBe('A=0\n');
  });

  it('encrypts its versions for a key elsewhere, which age itself can open', async () => {
    const other = mkdtempSync(join(root, 'keys-'));
    const key = join(other, 'env.key');
    writeFileSync(file, 'PASSWORD=correct-horse\n');
    writeFileSync(join(dir, 'portsync.yaml'), '# ours\napp: shop\n');
    await env(['set', 'A', '--value', '1', '--json']);
    const inside = await env(['encrypt', '--identity', join(dir, 'env.key'), '--json']);
    expect(inside).toMatchObject({ code: 2, json: { error: { code: 'env-key-inside' } } });

    const done = await env(['encrypt', '--identity', key, '--json']);
    expect(done).toMatchObject({ code: 0, json: { made: true, converted: 2 } });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, 'portsync.yaml'), 'utf8')).toMatch(/^# ours\napp: shop\nenv:/);
    const versions = join(dir, '.portsync', 'env');
    const sealed = readdirSync(versions).filter((name) => name.endsWith('.env.age'));
    expect(sealed).toHaveLength(2);
    expect((await env(['restore', 'previous', '--yes', '--json'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('PASSWORD=correct-horse\n');
    const age = findProgram('age');
    if (age) {
      const opened = execFileSync(age, ['-d', '-i', key, join(versions, sealed[0] ?? '')]);
      expect(opened.toString()).toBe('PASSWORD=correct-horse\n');
    }
    renameSync(key, `${key}.gone`);
    expect((await env(['list', '--json'])).json).toHaveLength(3);
    expect(await env(['show', 'previous', '--json'])).toMatchObject({
      code: 1,
      json: { error: { code: 'env-key-missing' } },
    });
    renameSync(`${key}.gone`, key);
    expect(await env(['decrypt', '--json'])).toMatchObject({ code: 0, json: { converted: 3 } });
    expect(readFileSync(join(dir, 'portsync.yaml'), 'utf8')).toBe('# ours\napp: shop\n');
    expect((await env(['show', 'previous', '--json'])).code).toBe(0);
  });

  it('finds what is wrong around the file, and where a replica drifts', async () => {
    writeFileSync(file, 'A=1\nB="two"\n');
    execFileSync('git', ['init', '-q', dir]);
    execFileSync('git', ['-C', dir, 'add', '.env']);
    writeFileSync(join(dir, 'docker-compose.yml'), 'services: {web: {image: "shop:${TAG:?}"}}\n');
    const verify = await env(['verify', '--json']);
    expect(verify.code).toBe(3);
    const found = verify.json.findings.map(({ id, object }: Record<string, string>) => [
      id,
      object,
    ]);
    expect(found).toEqual([
      ['env-mode', expect.stringContaining('.env')],
      ['env-tracked', expect.stringContaining('.env')],
      ['env-missing-key', 'TAG'],
      ['env-disagree', 'B'],
    ]);
    const drift = await env(['drift', '--against', '-', '--json'], { input: 'A=1\0B=2\0C=3\0' });
    expect(drift.code).toBe(3);
    expect(drift.json.drift).toEqual([{ key: 'B', where: 'standard input', how: 'different' }]);
  });

  it('handles 5 MB, 10,000 keys and bytes that are no text', async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => `KEY_${at}="${'v'.repeat(480)} ${at}"`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect((await env(['set', 'KEY_5000', '--value', 'x', '--json'])).json.changed).toEqual([
      'KEY_5000',
    ]);
    expect((await env(['show', '--json'])).json.keys).toHaveLength(10_000);

    const latin1 = Buffer.from('# Gr\xfc\xdfe\nA=\xe9t\xe9 # \xff\nB=2\n', 'latin1');
    writeFileSync(file, latin1);
    await env(['set', 'B', '--value', '3']);
    expect(readFileSync(file)).toEqual(
      Buffer.from(latin1.toString('latin1').replace('B=2', 'B=3'), 'latin1'),
    );

    const garbage = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919) % 256));
    writeFileSync(file, garbage);
    expect((await env(['set', 'A', '--value', '1', '--json'])).json.error.code).toBe('env-binary');
    expect(readFileSync(file)).toEqual(garbage);
    expect((await env(['restore', 'previous', '--yes', '--json'])).json.ok).toBe(true);
    await env(['restore', 'previous', '--yes']);
    expect(readFileSync(file)).toEqual(garbage);

    writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, 'A'));
    expect((await env(['list', '--json'])).json.error.code).toBe('env-too-large');
  });

  it('shows nothing of a value that is typed', async () => {
    const terminal = openTerminal({
      command: process.execPath,
      args: [program, 'env', 'set', 'TOKEN'],
      cwd: dir,
    });
    await terminal.waitFor('not shown');
    terminal.write('hunter2\r');
    await terminal.waitFor('kept as version');
    expect(terminal.screen().join('\n')).not.toContain('hunter2');
    expect((await terminal.exited).code).toBe(0);
    await terminal.kill();
    expect(readFileSync(file, 'utf8')).toBe('TOKEN=hunter2\n');
  });
});

describe('the pane', () => {
  it('shows a change by hand as a version, though it was overwritten before the next look', async () => {
    writeFileSync(file, 'A=1\n');
    const probe = envProbe(dir);
    try {
      expect(await probe.read(AbortSignal.timeout(20_000))).toMatchObject({ keys: 1 });
      const versions = () =>
        readdirSync(join(dir, '.portsync', 'env')).filter((name) => name.endsWith('.env'));
      writeFileSync(file, 'A=2\nB=by-hand\n');
      await until(() => versions().length === 2);
      writeFileSync(file, 'A=3\n');
      await until(() => versions().length === 3);
      const history = await probe.read(AbortSignal.timeout(20_000));
      expect(history.versions.map(({ reason, changed }) => [reason, changed])).toEqual([
        ['changed outside PortSync', ['A', 'B']],
        ['changed outside PortSync', ['A', 'B']],
        ['first seen', ['A']],
      ]);
      expect(history.current).toBe(history.versions[0]?.id);

      const actions = envActions(dir);
      const signal = AbortSignal.timeout(20_000);
      const [, byHand] = history.versions;
      const changes = await actions.envChanges(byHand?.id ?? '', signal);
      expect(changes.map(({ key, change }) => [key, change])).toEqual([
        ['A', 'changed'],
        ['B', 'added'],
      ]);
      expect(JSON.stringify(changes)).not.toContain('by-hand');
      expect(await actions.envReveal(byHand?.id ?? '', 'B', signal)).toBe('by-hand');
    } finally {
      await probe.close();
    }
  });
});

describe('a directory that does not let us write', () => {
  it('is shown all the same, and a change is refused with the reason', async () => {
    writeFileSync(file, 'A=1\n', { mode: 0o644 });
    chmodSync(dir, 0o555);
    try {
      const uid = isRoot ? NOBODY : undefined;
      const options = uid === undefined ? {} : { uid };
      const list = await env(['list', '--json'], options);
      expect(list).toMatchObject({ code: 0, json: [] });
      expect(list.stderr).toContain('could not be kept');
      const set = await env(['set', 'A', '--value', '2', '--json'], options);
      expect(set).toMatchObject({ code: 1, json: { error: { code: 'env-denied' } } });
      expect(readFileSync(file, 'utf8')).toBe('A=1\n');
    } finally {
      chmodSync(dir, 0o755);
    }
  });
});

const rootUser: Need = { name: 'root', missing: isRoot ? null : 'these tests run as a user' };

describeWith(rootUser, 'root in the directory of a user', () => {
  it('leaves nothing behind that the user cannot read or change', async () => {
    chownSync(dir, NOBODY, NOBODY);
    await env(['set', 'A', '--value', '1']);
    expect((await env(['list', '--json'], { uid: NOBODY })).json).toMatchObject([
      { current: true },
    ]);
    const set = await env(['set', 'A', '--value', '2', '--json'], { uid: NOBODY });
    expect(set.json).toMatchObject({ ok: true, changed: ['A'] });
    expect(statSync(file).uid).toBe(NOBODY);
  });
});

describeWith(smallDisk(), 'a full disk', () => {
  it('leaves the file and the versions as they were, and says so', async () => {
    mount(dir, '256k');
    try {
      writeFileSync(file, `A=1\nLONG=${'x'.repeat(20_000)}\n`);
      let full: Answer | null = null;
      for (let value = 2; !full && value < 50; value += 1) {
        const before = readFileSync(file);
        const answer = await env(['set', 'A', '--value', String(value), '--json']);
        if (answer.json.ok) continue;
        full = answer;
        expect(readFileSync(file)).toEqual(before);
      }
      expect(full?.json.error).toMatchObject({
        code: 'env-disk-full',
        message: `${file} could not be saved. Nothing was changed.`,
      });
      const kept = (await env(['list', '--json'])).json;
      expect(kept.length).toBeGreaterThan(3);
      const pruned = await env(['prune', '--keep', '1', '--days', '0', '--yes', '--json']);
      expect(pruned.json.removed.length).toBe(kept.length - 1);
      expect((await env(['set', 'A', '--value', 'end', '--json'])).json.ok).toBe(true);
    } finally {
      unmount(dir);
    }
  });
});
