import type { DatabaseKind } from '../../model/database.ts';
import { DATABASE_PART } from './database-part.ts';

export interface TemplateFacts {
  app: string;
  /** Null where the database is elsewhere. */
  database: DatabaseKind | null;
  /** An image from a registry; null builds from the Dockerfile beside the file. */
  image: string | null;
  /** What is published, besides `httpsPort` where there is a certificate. */
  httpPort: number;
  httpsPort: number | null;
}

/** What runs the load balancer, in the project directory and in its container. */
export const EDGE_DIR = '.portsync/edge';
export const EDGE_DIR_INSIDE = '/etc/portsync';

/** A docker-compose.yml that `docker compose up` and `docker stack deploy` both take. */
export function composeText(facts: TemplateFacts): string {
  const { app, database } = facts;
  const parts = [webPart(facts), database && DATABASE_PART[database], edgePart(facts)];
  const named =
    database === null
      ? 'The app and its load balancer'
      : 'The app, its database and its load balancer';
  return [
    `# ${named}, on one machine: ${app}`,
    '#',
    '# portsync up starts it all, sized for this machine, and replaces it without downtime.',
    '# docker compose up and docker stack deploy take this file as well.',
    '',
    'services:',
    parts.filter(Boolean).join('\n\n'),
    ...(database === null ? [] : ['', 'volumes:', '  # Everything that must survive.', '  db:']),
    '',
  ].join('\n');
}

function webPart({ app, image, database }: TemplateFacts): string {
  return [
    '  web:',
    ...(image === null
      ? ['    build: .', `    image: ${app}-web:latest`]
      : [`    image: ${image}`]),
    '    env_file:',
    '      - .env',
    ...(database === null ? [] : ['    depends_on:', '      - db']),
    '    restart: unless-stopped',
    '    networks:',
    '      default:',
    '        aliases:',
    '          # The load balancer looks for the replicas under this name.',
    '          - web-blue',
    '    deploy:',
    '      endpoint_mode: dnsrr',
  ].join('\n');
}

function edgePart({ httpPort, httpsPort }: TemplateFacts): string {
  return edgeLines({ httpPort, httpsPort })
    .map((line) => `  ${line}`)
    .join('\n');
}

/** The load balancer's service, from its name on, at the indentation of a top-level key. */
export function edgeLines({ httpPort, httpsPort }: Pick<TemplateFacts, 'httpPort' | 'httpsPort'>) {
  const port = (target: number, published: number) => [
    `    - target: ${target}`,
    `      published: ${published}`,
    '      protocol: tcp',
    '      mode: host',
  ];
  return [
    'edge:',
    '  image: haproxy:3.0-alpine',
    `  command: ["haproxy", "-W", "-db", "-S", "${EDGE_DIR_INSIDE}/run/master.sock,mode,666", "-f", "${EDGE_DIR_INSIDE}/haproxy.cfg"]`,
    '  ports:',
    ...port(80, httpPort),
    ...(httpsPort === null ? [] : port(443, httpsPort)),
    '  volumes:',
    `    - ./${EDGE_DIR}:${EDGE_DIR_INSIDE}`,
    '  restart: unless-stopped',
    '  deploy:',
    '    endpoint_mode: dnsrr',
  ];
}
