import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const MOST_BYTES = 30 * 1024 * 1024;

describe('the packed program, installed globally into an empty prefix', () => {
  let dir: string;
  let prefix: string;
  const portsync = (...args: string[]) =>
    execa(join(prefix, 'bin', 'portsync'), args, { cwd: dir, reject: false });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'portsync-installed-'));
    prefix = join(dir, 'prefix');
    // The tests run on a build already; packing must not replace it under other tests' feet.
    await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', dir]);
    const [file] = (await readdir(dir)).filter((name) => name.endsWith('.tgz'));
    await execa('npm', [
      'install',
      '--global',
      '--offline',
      '--prefix',
      prefix,
      join(dir, file ?? ''),
    ]);
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('answers, and brings no packages along', async () => {
    expect((await portsync('--version')).stdout).toBe(packageJson.version);
    expect(packageJson).not.toHaveProperty('dependencies');
  });

  it('is small enough for the cheapest server', async () => {
    const { stdout } = await execa('du', ['-sb', prefix]);
    expect(Number.parseInt(stdout, 10)).toBeLessThan(MOST_BYTES);
  });

  it('carries the licences of what is bundled', async () => {
    const file = join(prefix, 'lib/node_modules/portsync/dist/LICENSES.txt');
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/^commander /m);
    expect(text).toContain('PostgreSQL Global Development Group');
  });

  it('says what to do where there is no terminal', async () => {
    const { exitCode, stderr } = await portsync('tui');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('portsync status');
  });
});
