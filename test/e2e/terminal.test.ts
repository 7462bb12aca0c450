import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../rig/bundle.ts';
import { openTerminal, type PtyTerminal } from '../rig/pty.ts';

// A real program in a real terminal: test/e2e/terminal-fixture.tsx, bundled as the product is.

let folder: string;
let program: string;
const terminals: PtyTerminal[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portsync-terminal-'));
  program = await bundle('test/e2e/terminal-fixture.tsx', folder);
});

afterEach(async () => {
  await Promise.all(terminals.splice(0).map((terminal) => terminal.kill()));
});

afterAll(() => rm(folder, { recursive: true }));

/** The fixture, drawn, under a shell that stays behind it as a person's shell does. */
async function open(env: Record<string, string> = {}): Promise<PtyTerminal> {
  const terminal = openTerminal({
    command: 'bash',
    args: ['--norc', '--noprofile', '-i'],
    env: { PS1: 'shell$ ', PROGRAM: program, LOG: join(folder, 'screen.log'), ...env },
  });
  terminals.push(terminal);
  await terminal.waitFor('shell$');
  terminal.write('node $PROGRAM\r');
  await terminal.waitFor('┘');
  return terminal;
}

const taken = {
  alternateScreen: true,
  cursorVisible: false,
  bracketedPaste: true,
  autoWrap: false,
  raw: true,
};

/** Modes as the shell's line editor has them, which is raw as well and marks pastes itself. */
const givenBack = { alternateScreen: false, cursorVisible: true, autoWrap: true };

/** Bytes written once the screen has been still for a while. */
async function settledBytes(terminal: PtyTerminal): Promise<number> {
  for (let last = -1; last !== terminal.bytes(); ) {
    last = terminal.bytes();
    await sleep(300);
  }
  return terminal.bytes();
}

const pidOfProgram = async (terminal: PtyTerminal): Promise<number> => {
  const children = await readFile(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
};

describe('the screen', () => {
  it('is as tall as the terminal, with its last cell written', async () => {
    const terminal = await open();
    expect(terminal.screen()[0]).toContain('size 120x40');
    expect(terminal.cellAt(119, 39).text).toBe('┘');
    expect(terminal.cellAt(0, 3)).toMatchObject({ text: '●', fg: 2 });
    expect(terminal.modes()).toEqual(taken);
  });

  it('costs nothing while nothing changes, and little for a moved selection', async () => {
    const terminal = await open();
    const before = await settledBytes(terminal);
    await sleep(1_500);
    expect(terminal.bytes()).toBe(before);
    terminal.write('j');
    await terminal.waitFor((rows) => rows[4]?.startsWith('●›') ?? false);
    expect((await settledBytes(terminal)) - before).toBeLessThan(100);
  });

  it('costs little per tick, even when every row changes', async () => {
    const [all, some] = await Promise.all([
      perTick({ CHANGING: '1' }),
      perTick({ CHANGING: '0.1' }),
    ]);
    expect(all).toBeLessThan(2_000);
    expect(some).toBeLessThan(800);
  });

  async function perTick(env: Record<string, string>): Promise<number> {
    const terminal = await open({ TICK_MS: '250', ...env });
    const tick = () => Number(/tick (\d+)/.exec(terminal.screen()[0] ?? '')?.[1]);
    const reaches = (wanted: number) => terminal.waitFor(() => tick() >= wanted);
    await reaches(2);
    const [bytes, first] = [terminal.bytes(), tick()];
    await reaches(first + 8);
    return (terminal.bytes() - bytes) / (tick() - first);
  }

  it('follows the terminal to 80×24 and back', async () => {
    const terminal = await open();
    const before = terminal.screen();
    terminal.resize(80, 24);
    await terminal.waitFor('size 80x24');
    await terminal.waitFor((rows) => rows[23] === `${'─'.repeat(79)}┘`);
    terminal.resize(120, 40);
    await terminal.waitFor('size 120x40');
    await terminal.waitFor((rows) => rows.join('\n') === before.join('\n'));
  });

  it('is drawn anew with Ctrl-L, over whatever was written on it', async () => {
    const terminal = await open();
    const before = terminal.screen();
    terminal.write('l');
    await terminal.waitFor('typed "l"');
    // What a library prints must not be seen, but be found.
    expect(terminal.screen().slice(2)).toEqual(before.slice(2));
    expect(await readFile(join(folder, 'screen.log'), 'utf8')).toContain('a line from a library');
    expect((await stat(join(folder, 'screen.log'))).mode & 0o777).toBe(0o600);
    const bytes = await settledBytes(terminal);
    terminal.write('\x0c');
    await terminal.waitFor(() => terminal.bytes() - bytes > 2_000);
    expect(terminal.screen().slice(2)).toEqual(before.slice(2));
  });

  it.each([
    ['in ASCII where the locale is not UTF-8', { LANG: 'C' }, '*', 2, '+'],
    ['without colour where NO_COLOR is set', { NO_COLOR: '1' }, '●', null, '┘'],
    ['also where CI is set', { CI: '1' }, '●', 2, '┘'],
  ])('is drawn %s', async (_, env, mark, colour, corner) => {
    const terminal = openTerminal({ command: process.execPath, args: [program], env });
    terminals.push(terminal);
    await terminal.waitFor(corner);
    expect(terminal.cellAt(0, 3)).toMatchObject({ text: mark, fg: colour });
    terminal.resize(80, 24);
    await terminal.waitFor('size 80x24');
  });
});

describe('keys', () => {
  it('pressed in a burst all count', async () => {
    const terminal = await open();
    terminal.write('jjjjjjjjjjkk');
    await terminal.waitFor('typed "jjjjjjjjjjkk"');
    await terminal.waitFor((rows) => rows[11]?.startsWith('●›') ?? false);
  });

  it('that nobody knows do no harm', async () => {
    const terminal = await open();
    terminal.write('a\x1b[99;5~\x1b[<0;1;1M\x1b[I\x1b]11;rgb:0/0/0\x07\x1b[27;5;9~b\x1b');
    await terminal.waitFor('typed "ab<escape>"');
    terminal.write('\x1b[A\x7f');
    await terminal.waitFor('typed "ab<escape><upArrow><backspace>"');
  });

  it('are heard also after the component that listened was replaced', async () => {
    const terminal = await open();
    for (const key of 'sasb') {
      terminal.write(key);
      await sleep(50);
    }
    await terminal.waitFor('typed "sasb"');
  });

  it('are not what pasted text is', async () => {
    const terminal = await open();
    terminal.write('\x1b[200~quit\rnow\x1b[201~j');
    await terminal.waitFor('pasted 8 "quit\\nnow"');
    await terminal.waitFor('typed "j"');
  });
});

describe('the terminal is given back', () => {
  it('when the program quits', async () => {
    const terminal = await open();
    terminal.write('q');
    await terminal.waitFor('left: {"kind":"quit"}');
    await terminal.waitFor(/shell\$$/m);
    expect(terminal.modes()).toMatchObject(givenBack);
    terminal.write('stty -a | tr " " "\\n" | grep -x -e icanon -e echo; echo done\r');
    const rows = (await terminal.waitFor(/^done$/m)).join('\n');
    expect(rows).toMatch(/^icanon\necho$/m);
  });

  it.each([
    ['Ctrl-C', '\x03', 'left: {"kind":"signal","signal":"SIGINT"}'],
    ['an exception that nobody caught', 'x', 'crashed: thrown from a timer, log true'],
    ['a rejection that nobody caught', 'u', 'crashed: rejected by a promise, log true'],
    ['an error while drawing', 'r', 'crashed: broken while drawing, log true'],
  ])('after %s', async (_, key, said) => {
    const terminal = await open();
    terminal.write(key);
    await terminal.waitFor(said);
    expect(terminal.modes()).toMatchObject(givenBack);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('after kill -%s', async (signal) => {
    const terminal = await open();
    process.kill(await pidOfProgram(terminal), signal);
    await terminal.waitFor(`left: {"kind":"signal","signal":"${signal}"}`);
    expect(terminal.modes()).toMatchObject(givenBack);
  });

  it('nowhere when it is gone, but the program ends in order', async () => {
    const SAID = join(folder, 'said');
    const terminal = openTerminal({ command: process.execPath, args: [program], env: { SAID } });
    terminals.push(terminal);
    await terminal.waitFor('┘');
    terminal.hangUp();
    await expect
      .poll(() => readFile(SAID, 'utf8').catch(() => ''), { timeout: 20_000 })
      .toMatch(/"signal":"SIGHUP".*cleaned up$/);
  });

  it('while it is stopped with Ctrl-Z, and taken again with fg', async () => {
    const terminal = await open();
    const before = terminal.screen();
    terminal.write('\x1a');
    await terminal.waitFor('Stopped');
    expect(terminal.modes()).toMatchObject(givenBack);
    terminal.write('clear; echo at the shell\r');
    await terminal.waitFor(/^at the shell$/m);
    terminal.write('fg\r');
    await terminal.waitFor((rows) => rows.join('\n') === before.join('\n'));
    expect(terminal.modes()).toEqual(taken);
    terminal.write('j');
    await terminal.waitFor('typed "j"');
  });

  it('not at all when Ctrl-Z has no shell to go back to', async () => {
    const terminal = openTerminal({ command: process.execPath, args: [program] });
    terminals.push(terminal);
    await terminal.waitFor('┘');
    terminal.write('\x1a');
    await terminal.waitFor(() => !terminal.modes().alternateScreen);
    await terminal.waitFor(() => terminal.modes().alternateScreen && terminal.modes().raw);
    terminal.write('j');
    await terminal.waitFor('typed "j"');
  });

  it('to the same process, more than once', async () => {
    const terminal = await open({ AGAIN: '1' });
    terminal.write('q');
    await terminal.waitFor('screen 2');
    terminal.write('j');
    await terminal.waitFor('typed "j"');
    terminal.write('q');
    await terminal.waitFor(/shell\$$/m);
    expect(terminal.modes()).toMatchObject(givenBack);
  });
});

describe('a terminal that does not read', () => {
  it('stops nothing, and sees the newest frame when it reads again', async () => {
    const terminal = await open({ TICK_MS: '20', METER: '1' });
    const tick = () => Number(/tick (\d+)/.exec(terminal.screen()[0] ?? '')?.[1]);
    await terminal.waitFor(() => tick() > 20);
    terminal.pause();
    const [before, bytes] = [tick(), terminal.bytes()];
    await sleep(4_000);
    terminal.resume();
    await terminal.waitFor(() => tick() > before + 100);
    // A hundred frames and more were made meanwhile; most of them were never written.
    expect(terminal.bytes() - bytes).toBeLessThan(150_000);
    terminal.write('q');
    const [, pause] = /longest pause (\d+)/.exec((await terminal.waitFor('longest')).join()) ?? [];
    expect(Number(pause)).toBeGreaterThan(0);
    expect(Number(pause)).toBeLessThan(2_000);
  });

  it('does not keep the program from ending', async () => {
    const terminal = await open({ TICK_MS: '20' });
    const pid = await pidOfProgram(terminal);
    terminal.pause();
    await sleep(2_000);
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
