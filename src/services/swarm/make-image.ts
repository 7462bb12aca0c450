import { ExternalError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import { saysFullDisk } from '../../model/full-disk.ts';
import { stopped } from '../executor/stopped.ts';
import { type ComposeService, environmentOf, isRecord } from './compose.ts';

const LIMIT_MS = 30 * 60_000;
const LAST_LINES = 8;

export interface Making {
  /** Where the engine keeps its images, to be named when there is no room. */
  disk: string;
  /** Hears each line of what a builder or a registry says. */
  say(line: string): void;
}

/** Docker's own command does it, so that its log-ins and its builder are used. */
export async function pullImage(image: string, making: Making, signal: AbortSignal): Promise<void> {
  await docker(['pull', image], {}, making, signal, {
    code: 'image-not-fetched',
    message: `${image} could not be fetched.`,
    next: 'Check its name, and docker login where it is private.',
  });
}

/**
 * Builds what the `build` of a compose service describes. Arguments go through the environment: an
 * argument list is for everybody to read.
 */
export async function buildImage(
  image: string,
  { build }: ComposeService,
  dir: string,
  env: ReadonlyMap<string, string>,
  making: Making,
  signal: AbortSignal,
): Promise<void> {
  const { context = '.', dockerfile, target, args } = isRecord(build) ? build : { context: build };
  const given = environmentOf({ environment: args });
  const command = [
    ...['build', '--tag', image],
    ...(dockerfile === undefined ? [] : ['--file', `${context}/${dockerfile}`]),
    ...(target === undefined ? [] : ['--target', String(target)]),
    ...[...given.keys()].flatMap((name) => ['--build-arg', name]),
    String(context),
  ];
  const values = [...given].map(([name, value]) => [name, value ?? env.get(name)]);
  await docker(command, { cwd: dir, env: Object.fromEntries(values) }, making, signal, {
    code: 'image-not-built',
    message: `${image} could not be built.`,
    next: 'Mend what it says, and try again. What runs was not touched.',
  });
}

interface Failure {
  code: string;
  message: string;
  next: string;
}

async function docker(
  command: readonly string[],
  around: { cwd?: string; env?: Record<string, string> },
  { disk, say }: Making,
  signal: AbortSignal,
  failure: Failure,
): Promise<void> {
  // Loaded when it runs something: the dashboard only reads.
  const { execa } = await import('execa');
  const limit = timeLimit(LIMIT_MS, signal);
  const running = execa('docker', command, {
    ...around,
    stdin: 'ignore',
    all: true,
    lines: true,
    cancelSignal: limit,
    reject: false,
  });
  const last: string[] = [];
  for await (const line of running.iterable({ from: 'all' })) {
    const text = String(line)
      .replace(/\p{Cc}+/gu, ' ')
      .trimEnd();
    say(text);
    last.push(text);
    if (last.length > LAST_LINES) last.shift();
  }
  const result = await running;
  if (limit.aborted) throw stopped(limit, `docker ${command[0]}`);
  if (result.failed) throw notMade(failure, last.join('\n'), disk);
}

function notMade(failure: Failure, words: string, disk: string): ExternalError {
  const why = words || null;
  if (!saysFullDisk(words)) return new ExternalError({ ...failure, why });
  return new ExternalError({
    code: 'disk-full',
    message: `${failure.message} The disk of ${disk} is full.`,
    why,
    next: 'Free some space there (docker system df shows what Docker keeps), and try again. What runs was not touched.',
  });
}
