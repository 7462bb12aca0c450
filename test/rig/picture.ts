import { existsSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import type { Cell, PtyTerminal } from './pty.ts';

export interface Look {
  background: string;
  foreground: string;
  /** The 16 colours. */
  palette: readonly string[];
}

// One Dark's colours, which are well told apart on its ground; black and white are greys.
export const DARK: Look = {
  background: '#1b1f27',
  foreground: '#d4d8e0',
  palette: [
    ...['#3f4451', '#e06c75', '#8cc265', '#d7a65f', '#4aa5f0', '#c162de', '#42b3c2', '#d7dae0'],
    ...['#5c6370', '#ff7b86', '#a5e075', '#f0c674', '#6cb8ff', '#de73ff', '#56c8d8', '#ffffff'],
  ],
};

const SIZE = 15;
const [CELL, LINE, BASE] = [9, 18, 13.5];
const PADDING = 14;

const FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
  '/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf',
].filter((file) => existsSync(file));

/** What the terminal shows now, as a PNG: twice as many pixels as the picture is large. */
export function pictureOf(terminal: PtyTerminal, look: Look = DARK): Buffer {
  return pngOf(svgOf(terminal, look));
}

export function pngOf(svg: string): Buffer {
  const font = {
    fontFiles: FONTS,
    loadSystemFonts: FONTS.length === 0,
    defaultFontFamily: 'DejaVu Sans Mono',
    monospaceFamily: 'DejaVu Sans Mono',
  };
  return Buffer.from(new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng());
}

type Screen = Pick<PtyTerminal, 'cols' | 'rows' | 'cellAt'>;

export function svgOf({ cols, rows, cellAt }: Screen, look: Look = DARK): string {
  const [width, height] = [cols * CELL + 2 * PADDING, rows * LINE + 2 * PADDING];
  const parts: string[] = [];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < cols; x++) parts.push(...drawn(cellAt(x, y), x, y, look));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<rect width="100%" height="100%" rx="8" fill="${look.background}"/>
<g font-family="DejaVu Sans Mono, monospace" font-size="${SIZE}" xml:space="preserve">
${parts.join('\n')}
</g></svg>`;
}

function drawn(cell: Cell, x: number, y: number, look: Look): string[] {
  const own = colour(cell.fg, look.foreground, look);
  const ground = colour(cell.bg, look.background, look);
  const [ink, paper] = cell.inverse ? [ground, own] : [own, ground];
  const [left, top] = [PADDING + x * CELL, PADDING + y * LINE];
  const wide = cell.width * CELL;
  const parts: string[] = [];
  if (paper !== look.background) {
    parts.push(`<rect x="${left}" y="${top}" width="${wide}" height="${LINE}" fill="${paper}"/>`);
  }
  if (cell.underline) {
    parts.push(
      `<rect x="${left}" y="${top + LINE - 2}" width="${wide}" height="1" fill="${ink}"/>`,
    );
  }
  if (cell.text.trim() === '') return parts;
  const dim = cell.dim ? ' opacity="0.55"' : '';
  const block = blockOf(cell.text);
  if (block) {
    const high = LINE * block.high;
    parts.push(
      `<rect x="${left}" y="${top + LINE - high}" width="${CELL * block.wide}" height="${high}" fill="${ink}"${dim}/>`,
    );
    return parts;
  }
  const weight = cell.bold ? ' font-weight="bold"' : '';
  // As wide as its cells, whichever font it comes from.
  const length = /[ -~]/.test(cell.text)
    ? ''
    : ` textLength="${wide}" lengthAdjust="spacingAndGlyphs"`;
  parts.push(
    `<text x="${left}" y="${top + BASE}" fill="${ink}"${weight}${dim}${length}>${escaped(cell.text)}</text>`,
  );
  return parts;
}

/** Bars are drawn to the edges of their cells: a font leaves gaps between them. */
function blockOf(text: string): { wide: number; high: number } | null {
  const code = text.charCodeAt(0);
  if (code >= 0x2581 && code <= 0x2588) return { wide: 1, high: (code - 0x2580) / 8 };
  if (code >= 0x2589 && code <= 0x258f) return { wide: (0x2590 - code) / 8, high: 1 };
  return null;
}

function colour(value: Cell['fg'], own: string, look: Look): string {
  if (value === null) return own;
  if (typeof value === 'string') return value;
  return look.palette[value] ?? xterm256(value);
}

/** The colours behind the first 16: a cube of 6×6×6, then 24 greys. */
function xterm256(index: number): string {
  if (index >= 232) return hex(Array(3).fill(8 + (index - 232) * 10));
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const at = index - 16;
  return hex([Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(level));
}

function hex(channels: number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
