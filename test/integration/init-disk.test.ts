import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { toProblem } from '../../src/errors.ts';
import { Journal } from '../../src/services/journal/journal.ts';
import { writeInit } from '../../src/services/starter/init.ts';
import { type InitChoices, planInit } from '../../src/services/starter/init-plan.ts';
import { describeWith } from '../rig/needs.ts';
import { mount, smallDisk, unmount } from '../rig/small-disk.ts';

const CHOICES: InitChoices = {
  app: 'shop',
  database: 'postgres',
  source: { kind: 'image', image: 'shop:1' },
  web: undefined,
  httpPort: 80,
  httpsPort: 443,
  certificate: null,
  domain: null,
};
/** A page for each file and each that replaces one. */
const PAGES = Array.from({ length: 16 }, (_, at) => 4 * (at + 1));
const COMPOSE = 'services:\n  web:\n    image: shop:1\n';

describeWith(smallDisk(), 'a project directory on a full disk', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'portsync-test-full-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** The problem of an init on a disk of so many kilobytes, if there is one, and what is there after. */
  async function init(kilobytes: number, compose: string | null) {
    mount(dir, `${kilobytes}k`);
    try {
      if (compose !== null) await writeFile(join(dir, 'docker-compose.yml'), compose);
      const before = await readdir(dir);
      const written = writeInit(await planInit(dir, CHOICES), AbortSignal.timeout(30_000));
      const problem = await written.then(() => null, toProblem);
      const files = (await readdir(dir)).filter((name) => name !== '.portsync');
      const now = compose && (await readFile(join(dir, 'docker-compose.yml'), 'utf8'));
      return { problem, before, files, now };
    } finally {
      unmount(dir);
    }
  }

  it.each([
    ['a new project', null],
    ['a compose file of somebody', COMPOSE],
  ])('gets nothing half written by init: %s', async (_, compose) => {
    const all = [];
    for (const kilobytes of PAGES) all.push(await init(kilobytes, compose));
    const failed = all.filter(({ problem }) => problem !== null);
    expect(failed.length).toBeGreaterThan(2);
    expect(failed.length).toBeLessThan(PAGES.length);
    for (const { problem, before, files, now } of failed) {
      expect(problem?.code).toMatch(/disk-full$/);
      expect(problem?.message).toContain(dir);
      expect([files, now]).toEqual([before, compose]);
    }
  });

  it('is named when a job cannot be written down', async () => {
    mount(dir, '4k');
    try {
      await writeFile(join(dir, 'other'), 'x');
      const owner = { pid: process.pid, boot: '', start: '' };
      const intent = { kind: 'up', what: 'up: shop', owner, plan: [], facts: {} } as never;
      const { code, message } = await new Journal(dir)
        .begin(intent)
        .then(() => null as never, toProblem);
      expect([code, message]).toEqual(['disk-full', expect.stringContaining(dir)]);
    } finally {
      unmount(dir);
    }
  });
});
