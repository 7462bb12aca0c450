import { ExternalError, type PortSyncError } from '../../errors.ts';
import type { Colour } from '../../model/container.ts';
import { stopped } from '../executor/stopped.ts';

export function unreachable(path: string, cause: unknown, signal: AbortSignal): PortSyncError {
  if (signal.aborted) return stopped(signal, 'The load balancer’s answer');
  return new ExternalError({
    code: 'edge-unreachable',
    message: 'The load balancer does not answer.',
    why: `Nothing was heard on its socket ${path}.`,
    next: 'See whether its container runs: portsync status. portsync up starts it again.',
    cause,
  });
}

export function refused(command: string, answer: string): ExternalError {
  return new ExternalError({
    code: 'edge-refused',
    message: 'The load balancer did not do what it was told.',
    why: `To “${command}” it said: ${answer.split('\n')[0]}`,
    next: 'If it was set up by another version of PortSync, run portsync up.',
  });
}

export function notReady(colour: Colour): ExternalError {
  return new ExternalError({
    code: 'colour-not-ready',
    message: `The load balancer did not switch to ${colour}.`,
    why: `No ${colour} replica answers its health check.`,
    next: `Start ${colour} and wait until it is healthy.`,
  });
}

/** They are healthy by their own check, if they have one, and were waited for in vain. */
export function notSeen(colour: Colour, replicas: number, signal: AbortSignal): PortSyncError {
  const cause = stopped(signal, 'The load balancer’s search for replicas');
  if (cause.code !== 'timed-out') return cause;
  return new ExternalError({
    code: 'replicas-not-seen',
    message: `The load balancer did not find ${replicas} ${colour} replicas ready.`,
    why: 'To its question they do not all answer with a status from 200 to 399.',
    next: 'In portsync.yaml, set web: port: to where they listen, and web: ready: to a path that they answer while they can serve.',
    cause,
  });
}
