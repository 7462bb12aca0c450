import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerEngine, startEngine } from '../test/rig/engine.ts';
import { benchOptions, median, quantile, type Row, report } from './report.ts';
import { fillUp, spike } from './tui/containers.ts';
import { bareNodeMs, type Figures, measure, type Program, type Size } from './tui/measure.ts';

// The dashboard beside docker stats, htop, btop and lazydocker: the same engine, the same
// terminal, one after the other in one run. `npm run bench:tui`, as root, with a dockerd.

const SIZES: Size[] = [
  { cols: 80, rows: 24 },
  { cols: 120, rows: 40 },
  { cols: 200, rows: 60 },
];
const { quick, json } = benchOptions();
const COUNTS = quick ? [10, 100] : [10, 100, 1000];
const SECONDS = quick ? 10 : 30;

if (dockerEngine.missing) {
  report([], [`everything: it needs ${dockerEngine.name}: ${dockerEngine.missing}`], json);
  process.exit(0);
}

const project = await mkdtemp(join(tmpdir(), 'portsync-bench-'));
await writeFile(join(project, 'portsync.yaml'), 'app: bench\n');
const engine = await startEngine();
const rows: Row[] = [];
const missing: string[] = [];
try {
  const bare = await bareNodeMs();
  const peers = installedPeers(missing);
  for (const count of COUNTS) {
    await fillUp(engine.docker, count);
    for (const size of quick ? SIZES.slice(1, 2) : SIZES) {
      for (const busy of [false, true]) await round(count, size, busy, peers, bare);
    }
  }
} finally {
  await engine.close();
  await rm(project, { recursive: true });
}
report(rows, missing, json);

async function round(count: number, size: Size, busy: boolean, peers: Program[], bare: number) {
  const where = `${size.cols}×${size.rows}, ${count} containers, ${busy ? 'spike' : 'idle'}`;
  process.stderr.write(`${where}\n`);
  if (busy) await spike(engine.docker, SECONDS * 8 + 60);
  const ours = await measure(portsync(), size, SECONDS);
  const theirs = new Map<string, Figures>();
  for (const peer of peers) theirs.set(peer.name, await measure(peer, size, SECONDS));
  for (const [name, figures] of theirs) rows.push(...beside(where, ours, name, figures));
  rows.push(...alone(where, ours, bare));
}

function beside(where: string, ours: Figures, peerName: string, theirs: Figures): Row[] {
  const row = (metric: string, unit: string, of: (figures: Figures) => number): Row => ({
    metric: `${metric}, ${where}`,
    unit,
    portsync: of(ours),
    peer: of(theirs),
    peerName,
    goal: metric === 'bytes/s' && peerName === 'htop' ? { atMost: 1, of: 'ratio' } : null,
  });
  return [
    row('bytes/s', 'B', (figures) => figures.bytesPerSecond),
    row('CPU', '%', (figures) => figures.cpuPercent),
    row('memory', 'MB', (figures) => figures.rssBytes / 1e6),
    ...(theirs.keyMs.length > 0 ? [row('key to paint p50', 'ms', (f) => median(f.keyMs))] : []),
  ];
}

function alone(where: string, ours: Figures, bare: number): Row[] {
  const row = (metric: string, unit: string, portsync: number, atMost: number): Row => ({
    metric: `${metric}, ${where}`,
    unit,
    portsync,
    peer: null,
    peerName: null,
    goal: { atMost, of: 'value' },
  });
  const start = (metric: string, ms: number, atMost: number): Row => ({
    ...row(metric, 'ms', ms, atMost),
    peer: bare,
    peerName: 'bare node',
    goal: { atMost, of: 'ratio' },
  });
  return [
    row('bytes per tick', 'B', ours.bytesPerSecond, 800),
    row('bytes per moved selection', 'B', ours.bytesPerKey, 200),
    row('CPU', '%', ours.cpuPercent, 3),
    row('memory', 'MB', ours.rssBytes / 1e6, 85),
    row('key to paint p50', 'ms', median(ours.keyMs), 15),
    row('key to paint p99', 'ms', quantile(ours.keyMs, 0.99), 60),
    start('skeleton on screen', ours.firstByteMs, 1.2),
    start('live frame', ours.liveMs, 5),
  ];
}

function portsync(): Program {
  return {
    name: 'PortSync',
    command: process.execPath,
    args: ['bin/portsync.js', 'tui', '--project', project],
    env: { DOCKER_HOST: `unix://${engine.socket}` },
    live: /web-0000/,
    keys: ['j', 'k'],
    quit: 'q',
  };
}

function installedPeers(missing: string[]): Program[] {
  const env = { DOCKER_HOST: `unix://${engine.socket}` };
  const all: Program[] = [
    {
      name: 'docker stats',
      command: 'docker',
      args: ['stats'],
      env,
      live: /web-0000/,
      keys: null,
      quit: '\x03',
    },
    {
      name: 'htop',
      command: 'htop',
      args: ['-d', '10'],
      live: /PID/,
      keys: ['\x1b[B', '\x1b[A'],
      quit: 'q',
    },
    {
      name: 'btop',
      command: 'btop',
      args: [],
      live: /mem/i,
      keys: ['\x1b[B', '\x1b[A'],
      quit: 'q',
    },
    {
      name: 'lazydocker',
      command: 'lazydocker',
      args: [],
      env,
      live: /web-0000/,
      keys: ['j', 'k'],
      quit: 'q',
    },
  ];
  return all.filter(({ name, command }) => {
    if (installed(command)) return true;
    missing.push(`${name}: it is not installed here`);
    return false;
  });
}

function installed(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
