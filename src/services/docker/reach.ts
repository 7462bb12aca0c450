import type { EngineApi } from './api.ts';

/** A service of a stack, or of what `docker compose` started in `dir`. */
export interface Reached {
  app: string;
  dir: string;
  service: string;
}

interface GatewayAnswer {
  Containers?: Record<string, { IPv4Address?: string }>;
}

/** Every task of a swarm is on it as well; from its own machine a container is reached there. */
const GATEWAY = 'docker_gwbridge';

/** An IP address at which this machine reaches a running container of the service; null where none is. */
export async function addressOfService(
  engine: EngineApi,
  { app, dir, service }: Reached,
  signal: AbortSignal,
): Promise<string | null> {
  const running = (await engine.list(signal)).filter(({ State }) => State === 'running');
  const label = (name: string, value: string) =>
    running.find(({ Labels }) => Labels?.[name] === value)?.Id;
  const task = label('com.docker.swarm.service.name', `${app}_${service}`);
  if (task !== undefined) {
    const gateway = await engine.request<GatewayAnswer>('GET', `/networks/${GATEWAY}`, {}, signal);
    return withoutMask(gateway.Containers?.[task]?.IPv4Address);
  }
  const composed = running.find(
    ({ Labels }) =>
      Labels?.['com.docker.compose.service'] === service &&
      Labels['com.docker.compose.project.working_dir'] === dir,
  );
  if (!composed) return null;
  const { NetworkSettings } = await engine.inspect(composed.Id, signal);
  const addresses = Object.values(NetworkSettings?.Networks ?? {}).map(
    ({ IPAddress }) => IPAddress,
  );
  return addresses.find((address) => address) ?? null;
}

function withoutMask(address: string | undefined): string | null {
  return address?.split('/')[0] || null;
}
