import { posix } from 'node:path';
import { EDGE_DEFAULTS, type EdgeSettings } from '../edge/settings.ts';
import type { Settings } from '../project/settings.ts';
import type { Sizing } from './sizing.ts';
import { EDGE_DIR_INSIDE } from './template.ts';

/** Docker's DNS for the containers of a network; the engine intercepts this address. */
const DOCKER_DNS = '127.0.0.11:53';
const SLOTS = 20;

/** Where the certificate lies for HAProxy, copied from where portsync.yaml says. */
export const CERTIFICATE = 'certificate.pem';

/** What portsync.yaml and the machine's size make of the edge. */
export function edgeSettings({ web, edge }: Settings, sizing: Sizing): EdgeSettings {
  const slots = Math.max(SLOTS, 2 * sizing.replicas);
  const certificate = posix.join(EDGE_DIR_INSIDE, CERTIFICATE);
  return {
    dir: EDGE_DIR_INSIDE,
    http: ':80',
    https: edge?.certificate === undefined ? null : { bind: ':443', certificate },
    discovery: { kind: 'dns', resolver: DOCKER_DNS, port: web?.port ?? 3000, slots },
    ready: web?.ready ?? EDGE_DEFAULTS.ready,
    answerWithinMs: web?.answerWithinMs ?? EDGE_DEFAULTS.answerWithinMs,
    largestBodyBytes: EDGE_DEFAULTS.largestBodyBytes,
    maxConnections: sizing.maxConnections,
  };
}

/** Where the app is found from outside. */
export function addressOf({ edge }: Settings, host: string): string {
  const secure = edge?.certificate !== undefined;
  const port = secure ? (edge?.httpsPort ?? 443) : (edge?.port ?? 80);
  const usual = port === (secure ? 443 : 80);
  return `${secure ? 'https' : 'http'}://${edge?.domain ?? host}${usual ? '' : `:${port}`}`;
}
