/** The part of Ink's key that tells keys apart. */
export interface KeyFlags {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  tab: boolean;
  backspace: boolean;
  delete: boolean;
  ctrl: boolean;
  shift: boolean;
  meta: boolean;
}

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const;

/**
 * Names as bindings write them: `j`, `G`, `shift+tab`, `ctrl+l`, `enter`. A burst of typing arrives
 * as one string and is taken apart here.
 */
export function keyNames(input: string, key: KeyFlags): string[] {
  if (key.tab) return [key.shift ? 'shift+tab' : 'tab'];
  const named = NAMED.find(([flag]) => key[flag]);
  if (named) return [named[1]];
  if (input === '') return [];
  if (key.ctrl) return [`ctrl+${input}`];
  if (key.meta) return [`alt+${input}`];
  return Array.from(input, (char) => (char === '\r' || char === '\n' ? 'enter' : char));
}

const SHOWN: Record<string, string> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageUp: 'PgUp',
  pageDown: 'PgDn',
  home: 'Home',
  end: 'End',
  enter: 'enter',
  'shift+tab': '⇧tab',
};

/** As the hint bar and the help write a key. */
export function shown(key: string): string {
  return (
    SHOWN[key] ?? key.replace(/^ctrl\+(.)$/, (_all, letter: string) => `^${letter.toUpperCase()}`)
  );
}
