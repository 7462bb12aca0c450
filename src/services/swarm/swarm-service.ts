import { type ComposeService, environmentOf, isRecord, list, record } from './compose.ts';
import { interpolated, valuesFrom } from './interpolate.ts';
import { hostPorts } from './ports.ts';
import { isTaken } from './stack-keys.ts';

/** A service as `docker stack deploy` takes it; `env` is in the place of its env_file. */
export function swarmService(
  service: ComposeService,
  env: ReadonlyMap<string, string>,
): ComposeService {
  const kept = Object.entries(service).filter(([key]) => isTaken(key));
  const deploy = record(service, 'deploy');
  const files = list(service.env_file).length > 0;
  const fromFile = files ? [...env].map(([key, value]) => [key, literal(value)] as const) : [];
  const own = [...environmentOf(service)];
  const ports = hostPorts(interpolated(service.ports, valuesFrom(env)));
  return {
    ...Object.fromEntries(kept),
    ...(fromFile.length + own.length > 0
      ? { environment: Object.fromEntries([...fromFile, ...own]) }
      : {}),
    ...withoutNewKeys(service),
    ports: ports.length > 0 ? ports : undefined,
    deploy: {
      ...deploy,
      endpoint_mode: 'dnsrr',
      // The old one lets go of its port or its files before the new one takes them.
      update_config: { order: 'stop-first', ...record(deploy, 'update_config') },
      restart_policy: restartPolicy(service),
    },
  };
}

/** Parts of keys that only `docker compose` has heard of. */
function withoutNewKeys({ healthcheck, volumes }: ComposeService): ComposeService {
  const check = isRecord(healthcheck) ? { ...healthcheck, start_interval: undefined } : healthcheck;
  const mounts = list(volumes).map((each) =>
    isRecord(each) && isRecord(each.bind)
      ? { ...each, bind: { ...each.bind, create_host_path: undefined, selinux: undefined } }
      : each,
  );
  return {
    ...(healthcheck === undefined ? {} : { healthcheck: check }),
    ...(volumes === undefined ? {} : { volumes: mounts }),
  };
}

function restartPolicy(service: ComposeService): Record<string, unknown> {
  const own = record(record(service, 'deploy'), 'restart_policy');
  if (Object.keys(own).length > 0) return own;
  const restart = String(service.restart ?? 'always');
  if (restart === 'no') return { condition: 'none' };
  const condition = restart.startsWith('on-failure') ? 'on-failure' : 'any';
  return { condition, delay: '1s' };
}

export function withMemory(resources: unknown, bytes: number | null): Record<string, unknown> {
  const limits = record(resources, 'limits');
  const memory = limits.memory ?? (bytes === null ? undefined : String(bytes));
  const own = isRecord(resources) ? resources : {};
  return memory === undefined ? own : { ...own, limits: { ...limits, memory } };
}

export function labelsOf(labels: unknown): Record<string, string> {
  const entries = environmentOf({ environment: labels });
  return Object.fromEntries([...entries].map(([key, value]) => [key, value ?? '']));
}

/** A `$` that is meant as one: variables are replaced in everything that is deployed. */
export function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}
