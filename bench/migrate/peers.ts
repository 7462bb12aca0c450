import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/services/lab/machine/cache-dir.ts';

const PACKAGES = 'pgcopydb,postgresql-client-17';
const SETTINGS =
  '-c synchronous_commit=off -c maintenance_work_mem=128MB -c max_parallel_maintenance_workers=0';

/** Another program that copies a database. */
export interface Peer {
  name: string;
  /** What `portsync / peer` is to stay below. */
  goal: number;
  copy(source: string, target: string): void;
}

/** The peers of this machine; where they are not to be had, the reason. */
export function findPeers(): { peers: Peer[]; missing: string[] } {
  const root = join(cacheDir(), 'bench-peers-trixie');
  const missing = existsSync(root) ? null : install(root);
  const names = ['pgcopydb 0.17', 'pg_dump -Fd, pg_restore'];
  if (missing) return { peers: [], missing: names.map((name) => `${name}: ${missing}`) };
  const peer = (name: string, goal: number, script: string): Peer => ({
    ...{ name, goal },
    copy: (source, target) => runIn(root, script, source, target),
  });
  const analyze = 'vacuumdb --quiet --analyze-only --jobs 2 --dbname "$TARGET"';
  return {
    peers: [
      peer(
        'pgcopydb 0.17',
        0.9,
        `pgcopydb clone --quiet --no-owner --no-acl --skip-vacuum --table-jobs 2 --index-jobs 2 \\
          --restore-jobs 2 --dir "$DIR" --source "$SOURCE" --target "$TARGET" && ${analyze}`,
      ),
      peer(
        'pg_dump -Fd, pg_restore',
        0.65,
        `pg_dump -Fd -j2 -Z0 -f "$DIR/dump" "$SOURCE" &&
          pg_restore -j2 --no-owner --no-acl -d "$TARGET" "$DIR/dump" && ${analyze}`,
      ),
    ],
    missing: [],
  };
}

/** Debian's packages in a tree of their own: they want a newer libc than many machines have. */
function install(root: string): string | null {
  if (process.getuid?.() !== 0) return 'only root can lay out a tree of Debian for it';
  const work = `${root}.new`;
  mkdirSync(cacheDir(), { recursive: true });
  rmSync(work, { recursive: true, force: true });
  const args = ['--quiet', '--variant=apt', `--include=${PACKAGES}`, 'trixie', work];
  const { status, stderr, error } = spawnSync('mmdebstrap', args, { encoding: 'utf8' });
  if (error || status !== 0) {
    rmSync(work, { recursive: true, force: true });
    return `mmdebstrap could not fetch it: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
  }
  renameSync(work, root);
  return null;
}

function runIn(root: string, script: string, source: string, target: string): void {
  const dir = execFileSync('chroot', [root, 'mktemp', '-d'], { encoding: 'utf8' }).trim();
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', PGOPTIONS: SETTINGS };
  try {
    const options = { env: { ...env, DIR: dir, SOURCE: source, TARGET: target } };
    execFileSync('chroot', [root, 'sh', '-ec', script], { ...options, stdio: 'pipe' });
  } finally {
    rmSync(join(root, dir), { recursive: true, force: true });
  }
}
