import { ExternalError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import { stopped } from '../executor/stopped.ts';
import type { Stack } from './stack.ts';

const LIMIT_MS = 120_000;

export interface DeployOptions {
  /** The name of the stack. */
  app: string;
  /** Relative paths in the compose file start here. */
  dir: string;
  /** What variables of the compose file are replaced with, after this process's own environment. */
  env: ReadonlyMap<string, string>;
}

/**
 * Creates or updates the services of `stack` and leaves all others alone. Docker's own command does
 * it: nothing else reads a compose file exactly as it does. The file goes in on standard input, and
 * its variables through the environment, so that no secret is in an argument list.
 */
export async function deployStack(
  stack: Stack,
  { app, dir, env }: DeployOptions,
  signal: AbortSignal,
): Promise<void> {
  // Loaded when it runs something: the dashboard only reads.
  const { execa } = await import('execa');
  const command = ['stack', 'deploy', '--resolve-image', 'never', '--compose-file', '-', app];
  const limit = timeLimit(LIMIT_MS, signal);
  const result = await execa('docker', command, {
    cwd: dir,
    input: JSON.stringify(stack),
    env: { ...Object.fromEntries(env), ...process.env },
    extendEnv: false,
    cancelSignal: limit,
    reject: false,
  });
  if (limit.aborted) throw stopped(limit, 'docker stack deploy');
  if (result.failed) throw notDeployed(result, Object.keys(stack.services));
}

interface Ended {
  code?: string | undefined;
  stderr: string;
}

function notDeployed({ code, stderr }: Ended, services: readonly string[]): ExternalError {
  const missing = code === 'ENOENT';
  return new ExternalError({
    code: missing ? 'no-docker-command' : 'stack-not-deployed',
    message: missing
      ? 'There is no docker command on this machine.'
      : `Docker did not take ${services.join(', ')} as the compose file describes it.`,
    why: missing ? 'PortSync deploys with it.' : lastWords(stderr),
    next: missing
      ? 'Install it (Debian and Ubuntu: sudo apt-get install docker-cli or docker.io).'
      : 'Mend the compose file and try again. What ran before still runs.',
  });
}

/** Without what was done before the failure, and what Docker says of itself. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/\p{Cc}+/gu, ' ').trim());
  const said = lines.filter(
    (line) => line !== '' && !/^((Creating|Updating|Since) |image )/.test(line),
  );
  return said.slice(-3).join(' ');
}
