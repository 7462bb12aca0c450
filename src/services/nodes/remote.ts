import type { Executor } from '../../ports/executor.ts';
import type { Look } from './look.ts';
import { missing, parseProc } from './proc.ts';

const LIMIT_MS = 10_000;
const MOST_BYTES = 256 * 1024;

// Two programs, which busybox has, too: each start of one costs the node a millisecond. `head` puts
// the name of each file above its lines, and passes over what this kernel does not have.
const SCRIPT = `
export LC_ALL=C
cd /proc
head -n 2000 stat loadavg uptime meminfo pressure/cpu pressure/memory pressure/io
echo '==> df <=='
df -P -k "$1" || df -P -k /
`;

/** One look at another Linux machine, with one command. */
export async function lookRemote(
  executor: Executor,
  dataDir: string,
  signal: AbortSignal,
): Promise<Look> {
  const command = ['sh', '-c', SCRIPT, 'sh', dataDir];
  const options = { signal, timeoutMs: LIMIT_MS, maxBytes: MOST_BYTES };
  const { stdout } = await executor.run(command, options);
  return parseAnswer(stdout, executor.address);
}

/** @throws ExternalError when the answer is not that of the script on a Linux machine. */
export function parseAnswer(answer: string, where: string): Look {
  const sections = new Map<string, string>();
  for (const part of answer.split(/^==> (?=\S+ <==$)/m).slice(1)) {
    const [head = '', ...lines] = part.split('\n');
    sections.set(head.replace(/ <==$/, ''), lines.join('\n'));
  }
  const text = (file: string) => sections.get(file) ?? '';
  const pressure = (kind: string) => sections.get(`pressure/${kind}`) ?? '';
  const texts = {
    stat: text('stat'),
    loadavg: text('loadavg'),
    meminfo: text('meminfo'),
    uptime: text('uptime'),
    pressure: { cpu: pressure('cpu'), memory: pressure('memory'), io: pressure('io') },
  };
  return parseProc(texts, parseDf(text('df'), where), where);
}

/** The one file system of `df -P -k PATH`; the total leaves out what is reserved for root. */
function parseDf(text: string, where: string): Look['disk'] {
  const line = /\s(\d{1,15})\s+(\d{1,15})\s+(-?\d{1,15})\s+(?:\d+%|-)\s+(\/.*)$/m.exec(text);
  const [, , used, available, mount] = line ?? [];
  if (!mount) throw missing('The answer of df', where);
  const usedBytes = Number(used) * 1024;
  return { usedBytes, totalBytes: usedBytes + Math.max(0, Number(available)) * 1024, mount };
}
