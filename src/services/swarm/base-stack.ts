import { type Compose, type ComposeService, list, record } from './compose.ts';
import { fingerprint } from './print.ts';
import { LABELS, type Stack, stackWith } from './stack.ts';
import { labelsOf, swarmService, withMemory } from './swarm-service.ts';

export interface ServicePatch {
  /** Of the node that has its volume. */
  pinnedTo: string | null;
  memoryBytes: number | null;
  command: readonly string[] | null;
  /** A database: ports that Docker publishes pass by the machine's firewall. */
  hidden: boolean;
}

/**
 * Every other service of a compose file that is to run always. `env` is the project's .env, in the
 * place of env_file, whose quotes `docker stack deploy` would keep.
 */
export function baseStack(
  compose: Compose,
  web: string,
  env: ReadonlyMap<string, string>,
  patches: ReadonlyMap<string, ServicePatch>,
  encrypted: boolean,
): Stack {
  const others = Object.entries(compose.services).filter(
    ([name, service]) => name !== web && list(service.profiles).length === 0,
  );
  const services = others.map(([name, service]) => {
    const made = patched(swarmService(service, env), patches.get(name));
    return [name, withPrint(made, env)] as const;
  });
  return stackWith(compose, Object.fromEntries(services), encrypted);
}

/** Only the variables that a service refers to: another one's change is none of its business. */
function withPrint(service: ComposeService, env: ReadonlyMap<string, string>): ComposeService {
  const names = JSON.stringify(service)
    .replaceAll('$$', '')
    .matchAll(/\$\{?([A-Za-z_]\w*)/g);
  const used = [...names].map(([, name = '']) => [name, process.env[name] ?? env.get(name)]);
  const deploy = record(service, 'deploy');
  const labels = { ...labelsOf(deploy.labels), [LABELS.print]: fingerprint(service, used) };
  return { ...service, deploy: { ...deploy, labels } };
}

function patched(service: ComposeService, patch: ServicePatch | undefined): ComposeService {
  if (!patch) return service;
  const deploy = record(service, 'deploy');
  const placement = record(deploy, 'placement');
  const pin = patch.pinnedTo === null ? [] : [`node.id == ${patch.pinnedTo}`];
  return {
    ...service,
    ...(patch.hidden ? { ports: undefined } : {}),
    ...(patch.command && service.command === undefined ? { command: [...patch.command] } : {}),
    deploy: {
      ...deploy,
      resources: withMemory(deploy.resources, patch.memoryBytes),
      placement: { ...placement, constraints: [...list(placement.constraints), ...pin] },
    },
  };
}
