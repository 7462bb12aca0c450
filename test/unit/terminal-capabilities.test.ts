import { describe, expect, it } from 'vitest';
import { terminalCapabilities } from '../../src/terminal/capabilities.ts';

const of = (env: Record<string, string>, isTTY = true) => terminalCapabilities(env, { isTTY });

describe('what a terminal can show', () => {
  it('is everything, on a usual one', () => {
    expect(of({ TERM: 'xterm-256color', LANG: 'en_US.UTF-8' })).toEqual({
      tty: true,
      dumb: false,
      colour: true,
      utf8: true,
    });
  });

  it.each([{}, { TERM: 'dumb' }, { TERM: 'unknown' }])('is nothing but text with %o', (env) => {
    expect(of(env)).toMatchObject({ dumb: true, colour: false });
  });

  it.each([
    [{ TERM: 'xterm', NO_COLOR: '1' }, false],
    [{ TERM: 'xterm', NO_COLOR: '' }, true],
    [{ TERM: 'vt220' }, false],
    [{ TERM: 'xterm-mono' }, false],
    [{ TERM: 'screen' }, true],
    [{ TERM: 'linux' }, true],
  ])('with %o, colour: %s', (env, colour) => {
    expect(of(env).colour).toBe(colour);
  });

  it.each([
    [{ LANG: 'de_DE.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{}, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'UTF-8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: '' }, true],
  ])('with %o, UTF-8: %s', (env, utf8) => {
    expect(of({ TERM: 'xterm', ...env }).utf8).toBe(utf8);
  });

  it('is no terminal where the output goes to a file', () => {
    expect(of({ TERM: 'xterm' }, false).tty).toBe(false);
  });
});
