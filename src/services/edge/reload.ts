import { setTimeout as sleep } from 'node:timers/promises';
import { ExternalError } from '../../errors.ts';
import type { Executor } from '../../ports/executor.ts';
import { parseHoldState } from './answers.ts';
import { Runtime } from './runtime.ts';
import { edgeFile } from './settings.ts';

const LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 100;

/**
 * Lets HAProxy read its files anew without losing a request: a new process takes the listening
 * sockets over and begins with what the old one knew of the servers; the old one answers what it has.
 */
export async function reloadEdge(
  machine: Executor,
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  const runtime = new Runtime(machine, edgeFile(dir, 'socket'));
  // Who waits in the old process could not be released from the new one.
  if (parseHoldState(await runtime.ask('portsync state', signal))?.held) throw holding();
  const before = await processId(runtime, signal);
  const servers = await runtime.ask('show servers state', signal);
  const bytes = new TextEncoder().encode(servers);
  await machine.writeFile(edgeFile(dir, 'servers'), bytes, 0o644, signal);
  const master = new Runtime(machine, edgeFile(dir, 'master'));
  await master.ask('reload', signal);
  const end = performance.now() + LIMIT_MS;
  while ((await processId(runtime, signal).catch(() => before)) === before) {
    signal.throwIfAborted();
    if (performance.now() > end) throw notReloaded();
    await sleep(LOOK_EVERY_MS);
  }
}

async function processId(runtime: Runtime, signal: AbortSignal): Promise<string> {
  return /^Pid: (\d+)$/m.exec(await runtime.ask('show info', signal))?.[1] ?? '';
}

function holding(): ExternalError {
  return new ExternalError({
    code: 'edge-holds',
    message: 'The load balancer was not reloaded.',
    why: 'Requests wait there for a cut-over or a deploy.',
    next: 'Try again when that is over.',
  });
}

function notReloaded(): ExternalError {
  return new ExternalError({
    code: 'edge-not-reloaded',
    message: 'The load balancer did not take its new settings. It goes on with the old ones.',
    why: 'Its new process did not start; its log says why.',
    next: 'Look at the log of the edge’s container, mend the setting, and run portsync up.',
  });
}
