import { type ComposeService, environmentOf, list, record } from '../swarm/compose.ts';
import { withDefaults } from '../swarm/interpolate.ts';
import { portsOf } from '../swarm/ports.ts';

/** Where somebody's app listens, and what it answers while it can serve. */
export interface Served {
  port: number;
  /** A path. */
  ready: string;
}

const NEXT_PORT = 3000;
const ASKED = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(\d+))?(\/[\w./-]*)?/;

/** By the app's own health check, what it publishes, and its PORT; any page will do where nothing says more. */
export function servedBy(service: ComposeService): Served {
  const test = list(record(service, 'healthcheck').test).map(String).join(' ');
  const [, asked, path] = ASKED.exec(test) ?? [];
  const [published] = portsOf(withDefaults(service.ports)).flatMap((entry) => entry?.target ?? []);
  const [exposed] = list(service.expose).map(Number);
  const own = Number(environmentOf(service).get('PORT') ?? Number.NaN);
  const ports = [published, exposed, own, Number(asked ?? Number.NaN)];
  const port = ports.find((each) => Number.isInteger(each)) ?? NEXT_PORT;
  return { port, ready: path ?? '/' };
}
