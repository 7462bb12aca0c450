import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTerminal, type PtyTerminal } from '../rig/pty.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;
const START_MS = 180_000;
const STEP_MS = 90_000;
const ENTER = '\r';
const ESC = '\x1b';

describe('moving the lab’s database from the dashboard', () => {
  let dir: string;
  let terminal: PtyTerminal;
  /** Everything the program ever wrote to the terminal. */
  let written = '';
  const passwords = new Set<string>();

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'portsync-e2e-'));
    // The servers run as a user without rights, who must get to their files.
    await chmod(dir, 0o755);
    const args = [PORTSYNC, 'lab', '--dir', join(dir, 'lab')];
    terminal = openTerminal({ command: process.execPath, args });
    terminal.onData((data) => {
      written += data;
    });
    await terminal.waitFor(/web-blue\.3/, START_MS - 10_000);
    await notePassword();
  }, START_MS);
  afterAll(async () => {
    terminal.write('\x03');
    await Promise.race([terminal.exited, new Promise((resolve) => setTimeout(resolve, 20_000))]);
    await terminal.kill();
    await rm(dir, { recursive: true, force: true });
  });

  /** Of the database that the app runs on now. */
  async function notePassword(): Promise<void> {
    const env = parse(await readFile(join(dir, 'lab', '.env'), 'utf8'));
    const password = /:([^:@/]+)@/.exec(env.DATABASE_URL ?? '')?.[1];
    if (!password) throw new Error('The lab’s database has no password.');
    passwords.add(password);
  }

  it('looks at both servers, with the lab’s second one filled in', async () => {
    terminal.write('m');
    await terminal.waitFor('Where it shall move');
    terminal.write('\t');
    await terminal.waitFor(/postgres\S*:\/\/\S*:••••@127\.0\.0\.1/);
    terminal.write(ENTER);
    await terminal.waitFor(/\d+ ok · \d+ look · 0 block/, STEP_MS);
  });

  it('copies and comes in step after a yes', async () => {
    terminal.write('s');
    await terminal.waitFor(/Move the database to 127\.0\.0\.1/);
    terminal.write(ENTER);
    await terminal.waitFor(/● In step/, STEP_MS);
  });

  it('shows on the dashboard that it is in step, and opens where it was', async () => {
    terminal.write(ESC);
    await terminal.waitFor(
      (screen) => /1 Containers/.test(screen[1] ?? '') && /in step/.test(screen[0] ?? ''),
    );
    terminal.write('m');
    await terminal.waitFor(/● In step/);
  });

  it('cuts over: requests wait, none fails, both are equal', async () => {
    terminal.write('c');
    await terminal.waitFor(/Cut over to 127\.0\.0\.1/);
    terminal.write(ENTER);
    const screen = await terminal.waitFor(/The app runs on the new database/, STEP_MS);
    expect(screen.join('\n')).toMatch(/held \d\.\d\d s · \d+ requests? waited, 0 failed/);
    expect(screen.join('\n')).toMatch(/rows: equal/);
    await notePassword();
    terminal.write('v');
    await terminal.waitFor(/tables?: equal/);
    terminal.write(ESC);
    // A key at once after Esc would be Alt with that key.
    await terminal.waitFor(/The app runs on the new database/);
  });

  it('goes back, and loses nothing', async () => {
    await terminal.waitFor(/way back +open/, STEP_MS);
    terminal.write('b');
    await terminal.waitFor(/Go back to 127\.0\.0\.1/);
    terminal.write(ENTER);
    const screen = await terminal.waitFor(/The app is back on the old database/, STEP_MS);
    expect(screen.join('\n')).toMatch(/waited, 0 failed/);
  });

  it('has never shown a password', () => {
    expect(passwords.size).toBeGreaterThan(0);
    for (const password of passwords) expect(written).not.toContain(password);
  });
});
