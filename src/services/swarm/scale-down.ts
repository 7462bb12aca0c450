import { setTimeout as sleep } from 'node:timers/promises';
import { stopped } from '../executor/stopped.ts';
import type { Service } from './answers.ts';
import type { SwarmApi } from './api.ts';
import { hasEnded } from './tasks.ts';

const LOOK_EVERY_MS = 200;

/** Resolves when every task of `service` has ended; the service stays. `what` is for who stops it. */
export async function scaleToZero(
  api: SwarmApi,
  service: Service,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  if (replicasOf(service) > 0) {
    await api.update(service, { ...service.Spec, Mode: { Replicated: { Replicas: 0 } } }, signal);
  }
  while ((await api.tasks([service.ID], signal)).some((task) => !hasEnded(task))) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      throw stopped(signal, what);
    });
  }
}

/** How many it is to have. */
export function replicasOf({ Spec }: Service): number {
  return Spec.Mode.Replicated?.Replicas ?? 0;
}
