import { mkdtemp, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { keepFresh } from '../../src/services/lock/keep-fresh.ts';
import { until } from '../rig/until.ts';

afterEach(() => vi.useRealTimers());

it('tells whoever holds a lock that it is gone, and nobody while it is there', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-fresh-'));
  const path = join(dir, 'lock');
  await symlink('me', path);
  let lost = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await keepFresh(
    path,
    async () => {
      vi.advanceTimersByTime(60_000);
      await readlink(path);
      expect(lost).toBe(0);
      await rm(dir, { recursive: true });
      vi.advanceTimersByTime(20_000);
      await until(() => lost > 0, 5_000, 'it is told');
    },
    () => {
      lost += 1;
    },
  );
});
