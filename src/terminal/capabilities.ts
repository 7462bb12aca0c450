/** What the terminal on the other side can show. */
export interface TerminalCapabilities {
  /** Someone looks at it: not a pipe or a file. */
  tty: boolean;
  /** It cannot move the cursor, so no full-screen program can run on it. */
  dumb: boolean;
  /** The 16 colours may be used. Bold, dim and inverse are always there. */
  colour: boolean;
  /** Characters beyond ASCII come out as they were meant. */
  utf8: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function terminalCapabilities(
  env: Environment,
  stdout: { isTTY?: boolean | undefined },
): TerminalCapabilities {
  const term = env.TERM ?? '';
  const dumb = term === '' || term === 'dumb' || term === 'unknown';
  return {
    tty: stdout.isTTY === true,
    dumb,
    colour: !dumb && !env.NO_COLOR && !/^vt\d|-m(ono)?$/.test(term),
    utf8: isUtf8(env),
  };
}

/** The first of these that is set decides, even where it is `C`: that is how locales work. */
function isUtf8(env: Environment): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale);
}
