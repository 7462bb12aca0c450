import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { statFields } from './identity.ts';

export interface Usage {
  /** CPU time used so far. */
  cpuMs: number;
  memoryBytes: number;
}

/** What /proc counts in, on every Linux. */
const TICK_MS = 10;
const PS_TIMEOUT_MS = 3_000;

interface Sample extends Usage {
  parent: number;
  /** Of memoryBytes: pages that relatives map as well. */
  sharedBytes: number;
}

/**
 * What each of `roots` uses together with its descendants, but for those that are roots themselves;
 * gone processes are left out.
 */
export async function usageOf(roots: readonly number[]): Promise<Map<number, Usage>> {
  const linux = process.platform === 'linux';
  const all = linux ? null : parsePs(await ps());
  const found = new Map<number, Usage>();
  const others = new Set(roots);
  await Promise.all(
    roots.map(async (root) => {
      const family = all ? descendants(all, root, others) : await readFamily(root, others);
      if (family.length > 0) found.set(root, sum(family));
    }),
  );
  return found;
}

/** The output of `ps -axo pid=,ppid=,rss=,time=`; times are [dd-]hh:mm:ss or mm:ss.cc. */
export function parsePs(text: string): Map<number, Sample> {
  const samples = new Map<number, Sample>();
  for (const line of text.split('\n')) {
    const [pid, parent, rss, time] = line.trim().split(/\s+/);
    if (!pid || !parent || !rss || !time) continue;
    const [clock = '', days = '0'] = time.split('-').reverse();
    const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
    samples.set(Number(pid), {
      parent: Number(parent),
      cpuMs: Math.round((Number(days) * 86_400 + seconds) * 1000),
      memoryBytes: Number(rss) * 1024,
      sharedBytes: 0,
    });
  }
  return samples;
}

function descendants(
  all: ReadonlyMap<number, Sample>,
  root: number,
  others: ReadonlySet<number>,
): Sample[] {
  const own = all.get(root);
  if (!own) return [];
  const children = [...all].filter(([pid, { parent }]) => parent === root && !others.has(pid));
  return [own, ...children.flatMap(([pid]) => descendants(all, pid, others))];
}

async function readFamily(pid: number, others: ReadonlySet<number>): Promise<Sample[]> {
  const own = await readSample(pid);
  if (!own) return [];
  const children = await read(`/proc/${pid}/task/${pid}/children`);
  const pids = children.split(' ').map(Number);
  const inner = pids.filter((child) => child > 0 && !others.has(child));
  return [own, ...(await Promise.all(inner.map((child) => readFamily(child, others)))).flat()];
}

async function readSample(pid: number): Promise<Sample | null> {
  const [stat, status] = await Promise.all([
    read(`/proc/${pid}/stat`),
    read(`/proc/${pid}/status`),
  ]);
  if (!stat || !status) return null;
  const fields = statFields(stat);
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return {
    parent: Number(fields[1]),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    memoryBytes: bytes('VmRSS'),
    sharedBytes: bytes('RssFile') + bytes('RssShmem'),
  };
}

/** Relatives map the same shared pages (PostgreSQL's buffers), which are counted once. */
function sum(family: readonly Sample[]): Usage {
  const total = (value: (sample: Sample) => number) =>
    family.reduce((sum, sample) => sum + value(sample), 0);
  const shared = Math.max(...family.map((sample) => sample.sharedBytes));
  return {
    cpuMs: total(({ cpuMs }) => cpuMs),
    memoryBytes: total((sample) => sample.memoryBytes - sample.sharedBytes) + shared,
  };
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

async function ps(): Promise<string> {
  const args = ['-axo', 'pid=,ppid=,rss=,time='];
  return (await execa('ps', args, { timeout: PS_TIMEOUT_MS, env: { LC_ALL: 'C' } })).stdout;
}
