import { ExternalError, PortSyncError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import type { EngineApi } from '../docker/api.ts';
import { stopped } from '../executor/stopped.ts';
import { type ComposeService, isRecord } from './compose.ts';

const LIMIT_MS = 30 * 60_000;

/** Where images that PortSync builds for an app are kept. */
export function repositoryOf(app: string): string {
  return `${app}-web`;
}

/** A tag for an image that is built at `now`; they sort by time. */
export function newImage(app: string, now: Date): string {
  return `${repositoryOf(app)}:${now
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase()}`;
}

export async function hasImage(
  engine: EngineApi,
  image: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await inspect(engine, image, signal)) !== null;
}

/** The id of an image that was built or loaded here and never came from a registry; null for others. */
export async function unpublishedId(
  engine: EngineApi,
  image: string,
  signal: AbortSignal,
): Promise<string | null> {
  const seen = await inspect(engine, image, signal);
  return seen && (seen.RepoDigests ?? []).length === 0 ? seen.Id : null;
}

interface Inspected {
  Id: string;
  RepoDigests: string[] | null;
}

async function inspect(
  engine: EngineApi,
  image: string,
  signal: AbortSignal,
): Promise<Inspected | null> {
  try {
    return await engine.request<Inspected>('GET', `/images/${image}/json`, {}, signal);
  } catch (error) {
    if (error instanceof PortSyncError && error.code === 'no-such-container') return null;
    throw error;
  }
}

/** Docker's own command does it, so that its log-ins and its builder are used. `say` hears each line. */
export async function pullImage(
  image: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await docker(['pull', image], process.cwd(), say, signal, {
    code: 'image-not-fetched',
    message: `${image} could not be fetched.`,
    next: 'Check its name, and docker login where it is private.',
  });
}

/** Builds what the `build` of a compose service describes. */
export async function buildImage(
  image: string,
  { build }: ComposeService,
  dir: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { context = '.', dockerfile, target, args } = isRecord(build) ? build : { context: build };
  const pairs = isRecord(args)
    ? Object.entries(args).map(([key, value]) => `${key}=${String(value)}`)
    : Array.isArray(args)
      ? args.map(String)
      : [];
  const command = [
    ...['build', '--tag', image],
    ...(dockerfile === undefined ? [] : ['--file', `${context}/${dockerfile}`]),
    ...(target === undefined ? [] : ['--target', String(target)]),
    ...pairs.flatMap((pair) => ['--build-arg', pair]),
    String(context),
  ];
  await docker(command, dir, say, signal, {
    code: 'image-not-built',
    message: `${image} could not be built.`,
    next: 'Mend what it says, and try again. What runs was not touched.',
  });
}

/**
 * Removes the images that PortSync built for this app and that no colour is made from: what serves and
 * what a rollback needs stay, and whatever is somebody else's.
 */
export async function removeOldImages(
  engine: EngineApi,
  app: string,
  kept: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const query = { filters: JSON.stringify({ reference: [`${repositoryOf(app)}:*`] }) };
  const found = await engine.request<Array<{ RepoTags: string[] | null }>>(
    'GET',
    '/images/json',
    { query },
    signal,
  );
  const built = new RegExp(`^${repositoryOf(app)}:\\d{8}t\\d{6}z$`);
  const old = found
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((tag) => built.test(tag) && !kept.includes(tag));
  const removed: string[] = [];
  for (const tag of old) {
    const gone = await engine.request('DELETE', `/images/${tag}`, {}, signal).then(
      () => true,
      // A container that has stopped still needs it: another time.
      () => false,
    );
    if (gone) removed.push(tag);
  }
  return removed;
}

interface Failure {
  code: string;
  message: string;
  next: string;
}

async function docker(
  command: readonly string[],
  cwd: string,
  say: (line: string) => void,
  signal: AbortSignal,
  failure: Failure,
): Promise<void> {
  // Loaded when it runs something: the dashboard only reads.
  const { execa } = await import('execa');
  const limit = timeLimit(LIMIT_MS, signal);
  const running = execa('docker', command, {
    cwd,
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
    if (last.length > 8) last.shift();
  }
  const result = await running;
  if (limit.aborted) throw stopped(limit, `docker ${command[0]}`);
  if (result.failed) throw new ExternalError({ ...failure, why: last.join('\n') || null });
}
