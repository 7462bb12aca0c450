import { ExternalError, UsageError } from '../../errors.ts';
import type { Colour } from '../../model/container.ts';
import { saysFullDisk } from '../../model/full-disk.ts';
import type { Task } from './answers.ts';
import { imageOf, replicaName } from './tasks.ts';

export function serves(colour: Colour): UsageError {
  return new UsageError({
    code: 'colour-serving',
    message: `${colour} was not touched.`,
    why: 'It is the colour that serves.',
    next: 'Switch to the other colour first.',
  });
}

export function notStarted(colour: Colour): ExternalError {
  return new ExternalError({
    code: 'replica-not-healthy',
    message: `${colour} has no replicas.`,
    why: null,
    next: `Start ${colour}.`,
  });
}

export function nothingRuns(): UsageError {
  return new UsageError({
    code: 'nothing-runs',
    message: 'There is no image to start.',
    why: 'The app does not run here yet.',
    next: 'Run portsync up.',
  });
}

export function nothingKept(colour: Colour): UsageError {
  return new UsageError({
    code: 'nothing-kept',
    message: `Nothing was kept of ${colour}.`,
    why: 'It never ran here, or was removed.',
    next: 'Deploy an image instead: portsync deploy',
  });
}

export function noSuchReplica(name: string): UsageError {
  return new UsageError({
    code: 'no-replica',
    message: `There is no replica ${name}.`,
    why: 'It was replaced, or never existed.',
    next: 'portsync status lists those that run.',
  });
}

/** `words`: the last lines of its log. What Swarm says of the task comes first where there are none. */
export function notHealthy(
  colour: Colour,
  task: Task | null,
  words: readonly string[],
): ExternalError {
  return new ExternalError({
    code: 'replica-not-healthy',
    message: task
      ? `${replicaName(task)} (${colour}) did not get healthy: ${reason(task)}.`
      : `${colour} did not get healthy in time: none of its replicas was started.`,
    why: words.join('\n') || task?.Status.Err || null,
    next: 'Mend what its log says. What served before still does.',
  });
}

/** The same of a service that is no web replica: a database, the load balancer. */
export function serviceNotHealthy(
  name: string,
  task: Task,
  words: readonly string[],
): ExternalError {
  return new ExternalError({
    code: 'service-not-healthy',
    message: `${name} does not run: ${reason(task)}.`,
    why: words.join('\n') || task.Status.Err || null,
    next: 'Mend what its log says, and run portsync up again.',
  });
}

/** `task` is null where it never came to be. */
export function releaseFailed(task: Task | null, words: readonly string[]): ExternalError {
  return new ExternalError({
    code: 'release-failed',
    message: `The release command failed: ${task ? releaseReason(task) : 'it was not started'}.`,
    why: words.join('\n') || task?.Status.Err || null,
    next: 'Mend what its log says, and deploy again. No new replica was started; what served before still does.',
  });
}

function releaseReason(task: Task): string {
  const running = task.Status.State === 'running' || task.Status.State === 'starting';
  return running ? 'it did not end in time, and was stopped' : reason(task);
}

function reason({ Status, Spec }: Task): string {
  const { Err = '', ContainerStatus } = Status;
  if (/no such image|pull access denied|not found/i.test(Err)) {
    return `there is no image ${imageOf(Spec.ContainerSpec)} on its node`;
  }
  if (saysFullDisk(Err)) return 'the disk of its node is full';
  if (/unhealthy container/i.test(Err)) return 'its health check failed';
  if (Status.State === 'complete') {
    return 'it ended with exit code 0, by itself or because its health check failed';
  }
  if (Status.State === 'failed') return exited(ContainerStatus?.ExitCode ?? 1);
  if (Status.State === 'pending') return `no node has room for it${Err && ` (${Err})`}`;
  if (Status.State === 'preparing') return 'its image was not there in time';
  return 'it did not pass its health check in time';
}

function exited(code: number): string {
  const killed = code === 137 ? ', killed as when memory runs out' : '';
  return `it exited with code ${code}${killed}`;
}
