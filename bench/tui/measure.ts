import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTerminal, type PtyTerminal } from '../../test/rig/pty.ts';

export interface Program {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** On the screen once it shows live data. */
  live: RegExp;
  /** Move the selection down and up again; null where there is none. */
  keys: [down: string, up: string] | null;
  /** Given back to the terminal at the end. */
  quit: string;
}

export interface Size {
  cols: number;
  rows: number;
}

export interface Figures {
  bytesPerSecond: number;
  /** Of one core. */
  cpuPercent: number;
  rssBytes: number;
  firstByteMs: number;
  liveMs: number;
  keyMs: number[];
  bytesPerKey: number;
}

const KEYS = 60;

/** Runs `program` in a terminal of `size` and watches it for `seconds` after it has settled. */
export async function measure(program: Program, size: Size, seconds: number): Promise<Figures> {
  const { command, args, env, live, keys } = program;
  const started = performance.now();
  const terminal = openTerminal({ command, args, ...size, env: { ...env } });
  let firstByteMs = Number.NaN;
  const off = terminal.onData(() => {
    firstByteMs = performance.now() - started;
    off();
  });
  try {
    await terminal.waitFor(live, 60_000);
    const liveMs = performance.now() - started;
    await sleep(5000);
    const steady = await watch(terminal, seconds);
    const pressed = keys ? await press(terminal, keys) : { keyMs: [], bytesPerKey: Number.NaN };
    return { firstByteMs, liveMs, ...steady, ...pressed };
  } finally {
    terminal.write(program.quit);
    await Promise.race([terminal.exited, sleep(1000)]);
    await terminal.kill();
  }
}

async function watch(terminal: PtyTerminal, seconds: number) {
  const before = { bytes: terminal.bytes(), cpuMs: terminal.usage().cpuMs };
  const from = performance.now();
  await sleep(seconds * 1000);
  const ms = performance.now() - from;
  const { cpuMs, rssBytes } = terminal.usage();
  return {
    bytesPerSecond: ((terminal.bytes() - before.bytes) / ms) * 1000,
    cpuPercent: ((cpuMs - before.cpuMs) / ms) * 100,
    rssBytes,
  };
}

/** From the key's byte to the first byte that answers it. Ticks in between count as answers too. */
async function press(terminal: PtyTerminal, keys: [string, string]) {
  const keyMs: number[] = [];
  const sizes: number[] = [];
  for (let n = 0; n < KEYS; n += 1) {
    const before = terminal.bytes();
    const from = performance.now();
    const answered = new Promise<void>((resolve) => {
      const off = terminal.onData(() => {
        off();
        resolve();
      });
    });
    terminal.write(keys[Math.floor(n / 5) % 2] as string);
    await Promise.race([answered, sleep(1000)]);
    keyMs.push(performance.now() - from);
    sizes.push(terminal.bytes() - before);
    await sleep(120 + Math.random() * 60);
  }
  sizes.sort((a, b) => a - b);
  return { keyMs, bytesPerKey: sizes[Math.floor(sizes.length / 2)] ?? Number.NaN };
}

/** How long this machine needs, now, to start Node and end it. */
export async function bareNodeMs(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    const from = performance.now();
    const terminal = openTerminal({
      command: process.execPath,
      args: ['-e', 'process.stdout.write("x")'],
    });
    const written = new Promise<void>((resolve) => terminal.onData(() => resolve()));
    await written;
    times.push(performance.now() - from);
    await terminal.exited;
  }
  return times.sort((a, b) => a - b)[3] as number;
}
