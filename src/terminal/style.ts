import { type AnsiCode, reduceAnsiCodesIncremental } from '@alcalzone/ansi-tokenize';

/**
 * A style is a small number that stands for a set of SGR parameters (`1`, `31`, `38;5;12`). The
 * same set is always the same number; 0 is the terminal's own look.
 */
export type Style = number;

export const PLAIN: Style = 0;

/** Underline, inverse, strike-through, overline and background colours also show on a blank. */
const SHOWS_ON_BLANK = /^(4|7|9|53|4[0-7]|48;.*|10\d)$/;
const COLOUR = /^([349][0-7]|10[0-7]|[34]8;[\d;]+)$/;
/** Everything else (blinking, hiding) has no place on a calm screen. */
const ATTRIBUTE = /^([123479]|53)$/;
const INTENSITY = new Set(['1', '2']);

export class StyleTable {
  private readonly colour: boolean;
  private readonly sets: string[][] = [[]];
  private readonly onBlank: Style[] = [PLAIN];
  private readonly numbers = new Map<string, Style>([['', PLAIN]]);
  private readonly transitions = new Map<number, string>();

  constructor(colour: boolean) {
    this.colour = colour;
  }

  /** The style of these codes; hyperlinks and, where there is no colour, colours are left out. */
  of(codes: readonly AnsiCode[]): Style {
    const parameters = codes.map(({ code }) => parameterOf(code)).filter((p) => this.isWanted(p));
    return this.intern(parameters.sort());
  }

  /** What is left of a style on a space. */
  forBlank(style: Style): Style {
    return this.onBlank[style] ?? PLAIN;
  }

  /** The shortest SGR sequence that turns the pen from one style to another. */
  transition(from: Style, to: Style): string {
    if (from === to) return '';
    const key = from * 0x10000 + to;
    let sequence = this.transitions.get(key);
    if (sequence === undefined) {
      sequence = this.shortest(this.sets[from] ?? [], this.sets[to] ?? []);
      this.transitions.set(key, sequence);
    }
    return sequence;
  }

  private isWanted(parameter: string): boolean {
    return ATTRIBUTE.test(parameter) || (this.colour && COLOUR.test(parameter));
  }

  private intern(parameters: string[]): Style {
    const key = parameters.join(' ');
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.sets.push(parameters) - 1;
    this.numbers.set(key, number);
    const visible = parameters.filter((parameter) => SHOWS_ON_BLANK.test(parameter));
    this.onBlank[number] = visible.length === parameters.length ? number : this.intern(visible);
    return number;
  }

  private shortest(from: string[], to: string[]): string {
    const added = to.filter((parameter) => !from.includes(parameter));
    const gone = from.filter((parameter) => !to.includes(parameter));
    const afresh = sgr(['', ...to]);
    // 22 ends bold and dim alike: where one of them stays, only a fresh start is right.
    if (gone.some((p) => INTENSITY.has(p)) && to.some((p) => INTENSITY.has(p))) return afresh;
    const replaced = new Set(added.map(endOf));
    const ends = gone.map(endOf).filter((end) => !replaced.has(end));
    const changed = sgr([...new Set(ends), ...added]);
    return changed.length < afresh.length ? changed : afresh;
  }
}

/** Codes after one more SGR code, as the terminal would hold them. */
export function withCode(codes: AnsiCode[], code: AnsiCode): AnsiCode[] {
  return reduceAnsiCodesIncremental(codes, [code]);
}

/** An empty first parameter means reset: `ESC[m`, `ESC[;31m`. */
function sgr(parameters: string[]): string {
  return `\x1b[${parameters.join(';')}m`;
}

/** The parameter of `ESC[31m`; empty for what is no SGR code. */
function parameterOf(code: string): string {
  return code.startsWith('\x1b[') && code.endsWith('m') ? code.slice(2, -1) : '';
}

function endOf(parameter: string): string {
  if (COLOUR.test(parameter)) return /^(4|10)/.test(parameter) ? '49' : '39';
  if (INTENSITY.has(parameter)) return '22';
  if (parameter === '53') return '55';
  return `2${parameter}`;
}
