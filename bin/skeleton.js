const { existsSync, writeSync } = require('node:fs');
const { join } = require('node:path');

const SIGNS = ['portsync.yaml', 'docker-compose.yml', 'compose.yaml', '.portsync', '.env'];
const FAILING = ['portsync:failed', 'uncaughtExceptionMonitor', 'exit'];
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const LEAVE = '\x1b[?25h\x1b[?1049l';

/**
 * Draws empty panes while the program loads, which takes several times as long as Node itself. What
 * comes after paints every cell anew. Where the program does not get that far, the terminal is
 * given back before anything is printed that says why.
 */
exports.drawSkeleton = function drawSkeleton(args) {
  const { columns = 0, rows = 0, isTTY } = process.stdout;
  const term = process.env.TERM ?? '';
  if (!isTTY || !process.stdin.isTTY || ['', 'dumb', 'unknown'].includes(term)) return;
  if (!isDashboard(args) || columns < 80 || rows < 20) return;
  writeSync(
    1,
    `\x1b[?1049h\x1b[?25l\x1b[H\x1b[1m PortSync\x1b[m\x1b[2m${panes(columns, rows)}\x1b[m`,
  );
  const letGo = () => {
    for (const event of FAILING) process.off(event, giveBack);
    for (const signal of ENDING) process.off(signal, end);
  };
  const giveBack = () => {
    letGo();
    writeSync(1, LEAVE);
  };
  for (const event of FAILING) process.once(event, giveBack);
  for (const signal of ENDING) process.once(signal, end);
  // The dashboard takes over from here, and gives the terminal back by itself.
  process.once('portsync:mounted', letGo);
};

/** A signal that nobody handles would end the program without an `exit`. */
const end = () => process.exit(130);

/** With other arguments there is something to ask or to print first. */
function isDashboard([command, option, dir, ...more]) {
  if (command !== undefined && command !== 'tui') return false;
  if (option !== undefined && (option !== '--project' || dir === undefined || more.length > 0))
    return false;
  return SIGNS.some((sign) => existsSync(join(dir ?? '.', sign)));
}

/** The frames of the four panes, as `layoutOf` (src/state/layout.ts) places them. */
function panes(columns, rows) {
  const body = rows - 2;
  const low = Math.min(16, Math.max(8, Math.round(body * 0.42)));
  const left = Math.ceil(columns / 2);
  const utf8 = /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '');
  return [
    box(1, 2, left, body - low, '1 Containers', utf8),
    box(left + 1, 2, columns - left, body - low, '2 Nodes', utf8),
    box(1, 2 + body - low, left, low, '3 Database', utf8),
    box(left + 1, 2 + body - low, columns - left, low, '4 .env', utf8),
  ].join('');
}

function box(x, y, width, height, title, utf8) {
  const [tl, tr, bl, br, h, v] = utf8 ? '╭╮╰╯─│' : '++++-|';
  const at = (row, text) => `\x1b[${y + row};${x}H${text}`;
  const top = `${tl} ${title} ${h.repeat(width - title.length - 4)}${tr}`;
  const sides = Array.from({ length: height - 2 }, (_, n) =>
    at(n + 1, v + ' '.repeat(width - 2) + v),
  );
  return at(0, top) + sides.join('') + at(height - 1, bl + h.repeat(width - 2) + br);
}
