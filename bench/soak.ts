import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openTerminal } from '../test/rig/pty.ts';

// Does the dashboard's memory stay flat? `npm run soak:tui -- --minutes 60` watches it on a lab,
// with keys pressed all the while, and prints its memory once a minute.

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const minutes = Number(values.minutes);
const KEYS = ['j', 'k', '1', '2', '3', '4', '\t', '\r', '\x1b', 't', 't', 'r', '\x1b', '?', '\x1b'];
const portsync = new URL('../bin/portsync.js', import.meta.url).pathname;

const terminal = openTerminal({ command: process.execPath, args: [portsync, 'lab'] });
await terminal.waitFor(/web-blue\.3/, 90_000);
const megabytes: number[] = [];
console.log('| minute | memory MB | CPU s |\n| ---: | ---: | ---: |');
for (let minute = 0; minute <= minutes; minute += 1) {
  const { rssBytes, cpuMs } = terminal.usage();
  megabytes.push(rssBytes / 1e6);
  console.log(`| ${minute} | ${(rssBytes / 1e6).toFixed(1)} | ${(cpuMs / 1000).toFixed(1)} |`);
  for (let n = 0; n < 60 && minute < minutes; n += 1) {
    terminal.write(KEYS[n % KEYS.length] as string);
    await sleep(1000);
  }
}
terminal.write('q');
await Promise.race([terminal.exited, sleep(30_000)]);
await terminal.kill();
console.log(`\n${growth(megabytes).toFixed(2)} MB an hour, over the second half`);
process.exit(0);

/** Slope of a straight line through the second half, by least squares, per 60 values. */
function growth(all: readonly number[]): number {
  const half = all.slice(Math.floor(all.length / 2));
  const middle = (half.length - 1) / 2;
  const mean = half.reduce((sum, value) => sum + value, 0) / half.length;
  const above = half.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  const below = half.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 60;
}
