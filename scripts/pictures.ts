import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { pictureOf } from '../test/rig/picture.ts';
import { openTerminal, type PtyTerminal } from '../test/rig/pty.ts';

// The pictures in docs/pictures, from the real program on a real lab. `npm run docs:pictures`.

const FOLDER = new URL('../docs/pictures/', import.meta.url);
const PORTSYNC = new URL('../bin/portsync.js', import.meta.url).pathname;
const WARM_UP_MS = 45_000;
const SIZES = [
  { cols: 120, rows: 40 },
  { cols: 80, rows: 24 },
];

/** What is pressed to come to each screen from the dashboard, and back. */
const SCREENS: Array<{ name: string; keys: string; settleMs: number; back: string }> = [
  { name: 'dashboard', keys: '', settleMs: 500, back: '' },
  { name: 'spike', keys: 'ts', settleMs: 25_000, back: 'st' },
  { name: 'container', keys: '1\r', settleMs: 1500, back: '\x1b' },
  { name: 'logs', keys: '1l', settleMs: 2500, back: '\x1b' },
  { name: 'node', keys: '2\r', settleMs: 1500, back: '\x1b' },
  { name: 'database', keys: '3\r', settleMs: 1500, back: '\x1b' },
  { name: 'env', keys: 'b', settleMs: 1500, back: '\x1b' },
  { name: 'env-places', keys: 'bd', settleMs: 2500, back: '\x1b' },
  { name: 'resize', keys: 'r', settleMs: 1500, back: '\x1b' },
  { name: 'migrate', keys: 'm\t', settleMs: 1500, back: '\x1b' },
  { name: 'add-node', keys: 'n', settleMs: 1500, back: '\x1b' },
  { name: 'keys', keys: '?', settleMs: 1500, back: '\x1b' },
];

await mkdir(FOLDER, { recursive: true });
const wanted = process.argv.slice(2);
const screens = SCREENS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const lab = openTerminal({ command: process.execPath, args: [PORTSYNC, 'lab'], ...SIZES[0] });
try {
  await lab.waitFor(/web-blue\.3/, 90_000);
  await sleep(WARM_UP_MS);
  for (const screen of screens) await photograph(lab, screen);
} finally {
  lab.write('q');
  await Promise.race([lab.exited, sleep(30_000)]);
  await lab.kill();
}
if (screens.length === SCREENS.length) await photographMenu();

async function photograph(terminal: PtyTerminal, screen: (typeof SCREENS)[number]) {
  terminal.write(screen.keys);
  await sleep(screen.settleMs);
  for (const size of SIZES) {
    terminal.resize(size.cols, size.rows);
    await sleep(1500);
    await keep(terminal, screen.name);
  }
  terminal.write(screen.back);
  await sleep(1000);
}

async function photographMenu() {
  const menu = openTerminal({ command: process.execPath, args: [PORTSYNC], cwd: '/', ...SIZES[1] });
  await menu.waitFor(/What is this machine for/);
  await keep(menu, 'menu');
  menu.write('q');
  await menu.exited;
}

async function keep(terminal: PtyTerminal, name: string) {
  const file = new URL(`${name}-${terminal.cols}x${terminal.rows}.png`, FOLDER);
  await writeFile(file, pictureOf(terminal));
  console.log(file.pathname);
}
