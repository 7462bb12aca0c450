import { ExternalError, UsageError } from '../../errors.ts';
import { composeNeeds } from '../env/compose-needs.ts';
import type { Service } from '../swarm/answers.ts';
import type { Compose } from '../swarm/compose.ts';
import { isReserved } from './names.ts';
import type { Roles } from './roles.ts';

/** @throws UsageError naming variables without which nothing could start. */
export function needEverything(text: string, env: ReadonlyMap<string, string>): void {
  const given = (key: string) => env.has(key) || process.env[key] !== undefined;
  const missing = (composeNeeds(text) ?? []).map(({ key }) => key).filter((key) => !given(key));
  if (missing.length === 0) return;
  throw new UsageError({
    code: 'env-incomplete',
    message: `The compose file needs ${missing.join(', ')}, which the .env does not have.`,
    why: 'An empty text would be put in its place.',
    next: `Set it: portsync env set ${missing[0]}`,
  });
}

/** @throws UsageError where a service would be taken for one that PortSync makes. */
export function refuseNames({ services }: Compose, roles: Roles): void {
  const taken = Object.keys(services).find((name) => isReserved(name, roles));
  if (taken === undefined) return;
  throw new UsageError({
    code: 'name-taken',
    message: `The compose file has a service called ${taken}.`,
    why: 'PortSync has a service of this name itself, and would overwrite it.',
    next: 'Call it otherwise, and run portsync up again. Nothing was changed.',
  });
}

/** @throws ExternalError while `docker compose up` runs the same services, on the same ports and data. */
export function refuseCompose(
  containers: ReadonlyArray<{ Labels: Record<string, string> | null; State: string }>,
  dir: string,
): void {
  const running = containers.filter(
    ({ Labels, State }) =>
      Labels?.['com.docker.compose.project.working_dir'] === dir && State === 'running',
  );
  if (running.length === 0) return;
  throw new ExternalError({
    code: 'compose-runs',
    message: 'docker compose runs this app already.',
    why: 'Two databases on one volume would destroy it, and each port can be had once.',
    next: 'End it first: docker compose down (its volumes stay), then run portsync up.',
  });
}

/** @throws ExternalError while the replicas run that `docker stack deploy` made of the file as it is. */
export function refuseStack(services: readonly Service[], app: string, web: string): void {
  if (!services.some(({ Spec }) => Spec.Name === `${app}_${web}`)) return;
  throw new ExternalError({
    code: 'stack-runs',
    message: 'docker stack deploy runs this app already.',
    why: `Its ${app}_${web} would stay beside the replicas of PortSync, with another image and environment.`,
    next: `End it first: docker stack rm ${app} (its volumes stay), then run portsync up.`,
  });
}
