import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { cleanup } from 'ink-testing-library';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExternalError } from '../../src/errors.ts';
import type { MigrationActions } from '../../src/model/actions.ts';
import type { Migration } from '../../src/model/migration.ts';
import { ready } from '../../src/model/reading.ts';
import { CrashLog } from '../../src/terminal/crash-log.ts';
import { drawn } from './draw.tsx';
import { working } from './fixtures.ts';
import {
  MASKED,
  MIGRATE,
  migrations,
  PASSWORD,
  preflight,
  seenMigration,
  TARGET,
} from './migration-fixtures.ts';
import { shownFrom } from './shown.tsx';

afterEach(cleanup);

const ENTER = '\r';
const ESC = '\u001B';
const size = { columns: 80, rows: 24 };
const clear = {
  ...preflight,
  findings: preflight.findings.filter(({ severity }) => severity !== 'blocker'),
};

/** Actions that note what they were asked. */
function moving(given: Partial<MigrationActions> = {}) {
  const asked: string[] = [];
  const note = (what: string) => async () => void asked.push(what);
  const migration: MigrationActions = {
    preflight: async (target) => {
      asked.push(`preflight ${target}`);
      return { target: MASKED, preflight: clear };
    },
    start: async (target) => void asked.push(`start ${target}`),
    cutover: note('cutover'),
    verify: note('verify'),
    back: note('back'),
    finish: note('finish'),
    abort: note('abort'),
    ...given,
  };
  const app = shownFrom(seenMigration(working(size), null), { migration });
  const see = (seen: Migration) =>
    app.store.dispatch({
      type: 'reading',
      pane: 'migration',
      id: 'migration',
      reading: ready(seen, Date.now()),
    });
  return { ...app, asked, see };
}

describe('moving the database', () => {
  it('goes from the paste to the start, and on to the way back', async () => {
    const { press, sees, paste, asked, see } = moving();
    await press('m');
    await sees('Where it shall move');
    paste(TARGET);
    await sees(MASKED);
    await press(ENTER);
    await sees('5 ok · 2 look · 0 block');
    await press('s');
    await sees('Move the database to db.x.supabase.co:5432/app?');
    await press(ENTER);
    await vi.waitFor(() => expect(asked).toEqual([`preflight ${TARGET}`, `start ${TARGET}`]));
    see(migrations.base);
    await sees('70% copied');
    see(migrations.inStep);
    await sees('s behind');
    await press('c', ENTER);
    await vi.waitFor(() => expect(asked.at(-1)).toBe('cutover'));
    see(migrations.switched);
    await sees('held 0.41 s');
    await press('v');
    await sees('38 tables: equal');
    await press('r', ESC, 'b', ENTER);
    await vi.waitFor(() => expect(asked.slice(-2)).toEqual(['verify', 'back']));
  });

  it('shows at once that it looks, and stops looking at Esc', async () => {
    let signal: AbortSignal | null = null;
    const { press, sees, paste } = moving({
      preflight: (_target, given) => {
        signal = given;
        return new Promise(() => undefined);
      },
    });
    await press('m');
    paste(TARGET);
    await press(ENTER);
    await sees('Looking at both servers');
    await press(ESC);
    await sees('Where it shall move');
    await vi.waitFor(() => expect(signal?.aborted).toBe(true));
  });

  it('says what the servers said, and keeps what was typed', async () => {
    const { press, sees, paste } = moving({
      preflight: async () => {
        throw new ExternalError({
          code: 'refused',
          message: 'The new server refused the connection.',
          why: 'Nothing listens on port 5432.',
          next: 'Check the host and the port.',
        });
      },
    });
    await press('m');
    paste(TARGET);
    await press(ENTER);
    await sees('Nothing listens on port 5432.');
    await sees(MASKED);
  });

  it('lets somebody try again where the start failed', async () => {
    const { press, sees, paste, store } = moving({
      start: async () => {
        throw new ExternalError({ code: 'busy', message: 'Another move is under way.' });
      },
    });
    await press('m');
    paste(TARGET);
    await press(ENTER);
    await sees('0 block');
    await press('s', ENTER);
    await sees('Another move is under way.');
    expect(store.getState().draft).toMatchObject({ starting: false });
  });
});

describe('the password', () => {
  it('is typed letter by letter and never seen', { timeout: 60_000 }, async () => {
    const { press, sees, text, store } = moving();
    await press('m');
    const seen = new Set<string>();
    store.subscribe(() => {
      seen.add(text());
      seen.add(JSON.stringify(store.getState()));
    });
    await press(...TARGET);
    await sees(MASKED);
    await press(ENTER);
    await sees('0 block');
    seen.add(text());
    expect([...seen].some((each) => each.includes(MASKED))).toBe(true);
    for (const each of seen) expect(each).not.toMatch(/hun|s3cr/);
  });

  it('is in no frame of any step', () => {
    for (const screen of Object.values(MIGRATE)) {
      for (const sized of [size, { columns: 120, rows: 40 }]) {
        expect(drawn(screen(sized))).not.toContain(PASSWORD);
      }
    }
  });

  it('is not in the crash log, where an error carries the state', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crash-'));
    try {
      const log = new CrashLog(join(folder, 'screen.log'));
      for (const screen of Object.values(MIGRATE)) {
        const state = screen(size);
        const error = Object.assign(new Error('drawing failed', { cause: state }), { state });
        log.write(inspect(error, { depth: 12 }));
      }
      const text = await readFile(log.path, 'utf8');
      expect(text).toContain('drawing failed');
      expect(text).not.toContain(PASSWORD);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
