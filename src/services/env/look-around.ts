import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodeDisk } from '../disk/node-disk.ts';
import { composeNeeds, type Need } from './compose-needs.ts';
import type { Surroundings } from './verify.ts';

/** The names that Compose looks for, in its order. */
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const GIT_MS = 5000;

export async function lookAround(file: string, signal: AbortSignal): Promise<Surroundings> {
  const dir = dirname(file);
  const facts = await nodeDisk.facts(file);
  return {
    file,
    mode: facts?.mode ?? 0o600,
    git: await gitState(file, signal),
    needs: await needsOf(dir),
  };
}

async function needsOf(dir: string): Promise<Need[] | null> {
  for (const name of COMPOSE_FILES) {
    const text = await readFile(join(dir, name), 'utf8').catch(() => null);
    if (text !== null) return composeNeeds(text);
  }
  return null;
}

/** Without git, or outside a repository, there is nothing to say. */
async function gitState(file: string, signal: AbortSignal): Promise<Surroundings['git']> {
  const git = (...args: string[]) => exitCode('git', args, dirname(file), signal);
  if ((await git('rev-parse', '--is-inside-work-tree')) !== 0) return 'none';
  if ((await git('ls-files', '--error-unmatch', '--', file)) === 0) return 'tracked';
  return (await git('check-ignore', '--quiet', '--', file)) === 0 ? 'ignored' : 'not-ignored';
}

function exitCode(
  program: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<number | null> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, signal, timeout: GIT_MS }, () =>
      resolve(child.exitCode),
    );
  });
}
