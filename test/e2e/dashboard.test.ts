import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTerminal, type PtyTerminal } from '../rig/pty.ts';

const PORTSYNC = new URL('../../bin/portsync.js', import.meta.url).pathname;
const START_MS = 60_000;

/** The rows of a screen in which `text` stands. */
function rowsWith(screen: string[], text: string | RegExp): string[] {
  return screen.filter((row) => row.search(text) >= 0);
}

describe('the lab with its dashboard, as npm start runs it', () => {
  let terminal: PtyTerminal;

  beforeAll(async () => {
    terminal = openTerminal({ command: process.execPath, args: [PORTSYNC, 'lab'] });
    await terminal.waitFor(/web-blue\.3/, START_MS);
  });
  afterAll(() => terminal.kill());

  it('shows four panes of real systems, alive', async () => {
    await terminal.waitFor(
      (screen) => rowsWith(screen, /web-blue\.\d +healthy +\d+%/).length === 3,
    );
    await terminal.waitFor(/● ?main +\d+% +\d+%/);
    await terminal.waitFor(/PostgreSQL 17/);
    await terminal.waitFor(/tx\/s +[\d.,]+/);
    await terminal.waitFor(/1 version, in step/);
    await terminal.waitFor(/\d+ req\/s/);
    expect(terminal.modes()).toMatchObject({
      alternateScreen: true,
      cursorVisible: false,
      raw: true,
    });
  });

  it('never shows the password of the database', () => {
    expect(terminal.screen().join('\n')).not.toMatch(/postgres:\/\/[^•]*:[^•]+@/);
  });

  it('moves the focus, opens a pane and goes back', async () => {
    terminal.write('3');
    await terminal.waitFor(/›3 Database/);
    terminal.write('\r');
    await terminal.waitFor((screen) => rowsWith(screen, '1 Containers').length === 0);
    terminal.write('\x1b');
    await terminal.waitFor(/1 Containers/);
  });

  it('filters to one replica, kills it and shows that within two seconds', async () => {
    terminal.write('1/web-blue.2\r');
    await terminal.waitFor((screen) => rowsWith(screen, 'web-blue.1').length === 0);
    terminal.write('x');
    await terminal.waitFor(/kill -9|Kill/);
    terminal.write('y');
    await terminal.waitFor(/web-blue\.2 +exit 137/, 2000);
    terminal.write('S');
    await terminal.waitFor(/web-blue\.2 +healthy/);
    terminal.write('\x1b');
    await terminal.waitFor(/web-blue\.1/);
  });

  it('follows the terminal to 80×24 and back', async () => {
    terminal.resize(80, 24);
    await terminal.waitFor(
      (screen) =>
        rowsWith(screen, '4 .env').length === 1 && screen.every((row) => row.length <= 80),
    );
    expect(terminal.screen()).toHaveLength(24);
    terminal.resize(120, 40);
    await terminal.waitFor((screen) => (screen[1]?.length ?? 0) > 110);
  });

  it('gives the terminal back as it was, and ends everything it started', async () => {
    terminal.write('q');
    await terminal.waitFor(() => !terminal.modes().alternateScreen);
    expect(terminal.modes()).toMatchObject({
      cursorVisible: true,
      bracketedPaste: false,
      raw: false,
    });
    expect((await terminal.exited).code).toBe(0);
  });
});

describe('without a terminal that it can draw on', () => {
  it('says so, and names what can be used instead', async () => {
    const terminal = openTerminal({
      command: process.execPath,
      args: [PORTSYNC, 'tui'],
      env: { TERM: 'dumb' },
    });
    await terminal.waitFor(/portsync status/);
    expect((await terminal.exited).code).toBe(2);
  });
});

describe('on a machine without a project', () => {
  it('opens the start menu', async () => {
    const terminal = openTerminal({ command: process.execPath, args: [PORTSYNC], cwd: '/' });
    await terminal.waitFor('What is this machine for?');
    await terminal.waitFor(/\d+ cores/);
    terminal.write('q');
    expect((await terminal.exited).code).toBe(0);
  });
});
