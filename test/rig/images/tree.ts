import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheDir } from '../../../src/services/lab/machine/cache-dir.ts';

const SUITE = 'trixie';
const DEBIAN = 'http://deb.debian.org/debian';

/** Left out while the packages are installed: half of the bytes, and nothing that runs. */
const NOT_INSTALLED = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
  '/usr/share/lintian/*',
  '/usr/lib/*/libLLVM*',
  '/usr/lib/llvm*',
  '/usr/lib/*/libz3*',
  '/usr/lib/postgresql/*/lib/bitcode/*',
  '/usr/lib/postgresql/*/lib/llvmjit*',
];

/**
 * The tar of a Debian with `packages`, made from the mirror this machine installs from, without any
 * registry of images: a minute the first time, then kept in the cache of this user.
 */
export async function debianTree(packages: readonly string[]): Promise<string> {
  const excluded = NOT_INSTALLED.map((path) => `path-exclude=${path}`);
  const config = '"$1/etc/dpkg/dpkg.cfg.d/99small"';
  return treeOf(packages, [
    '--variant=apt',
    '--dpkgopt=force-unsafe-io',
    `--essential-hook=printf '%s\\n' ${excluded.map((line) => `'${line}'`).join(' ')} > ${config}`,
  ]);
}

/** Only the files of `packages` and of what they depend on: no system, and within seconds. */
export function debianFiles(packages: readonly string[]): Promise<string> {
  return treeOf(packages, ['--variant=extract']);
}

async function treeOf(packages: readonly string[], how: readonly string[]): Promise<string> {
  const args = await mmdebstrapArgs(packages, how);
  const hash = createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 12);
  const dir = join(cacheDir(), 'test-images');
  const file = join(dir, `${SUITE}-${hash}.tar`);
  if (await exists(file)) return file;
  await mkdir(dir, { recursive: true });
  const half = `${file}.${process.pid}`;
  try {
    const made = execa('mmdebstrap', args, { stdout: 'pipe', buffer: { stdout: false } });
    made.stdout.pipe(createWriteStream(half));
    await made;
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
  return file;
}

async function mmdebstrapArgs(
  packages: readonly string[],
  how: readonly string[],
): Promise<string[]> {
  return [
    '--mode=root',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    ...how,
    `--include=${packages.join(',')}`,
    '--format=tar',
    SUITE,
    '-',
    await mirror(),
  ];
}

/** On another system than Debian it needs the package debian-archive-keyring. */
async function mirror(): Promise<string> {
  const sources = await readFile('/etc/apt/sources.list.d/debian.sources', 'utf8').catch(() => '');
  return /^URIs: *(\S+)/m.exec(sources)?.[1] ?? DEBIAN;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
