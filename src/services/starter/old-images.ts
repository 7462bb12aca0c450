import { removeOldImages } from '../swarm/images.ts';
import { imageOf } from '../swarm/tasks.ts';
import type { Stage } from './stage.ts';

/** Removes what was built for this app and neither serves nor is kept for a rollback; answers the tags. */
export async function removeUnused({ api, app }: Stage, signal: AbortSignal): Promise<string[]> {
  const services = await api.services(app, signal);
  const kept = services.map(({ Spec }) => imageOf(Spec.TaskTemplate.ContainerSpec));
  return removeOldImages(api.engine, app, kept, signal);
}
