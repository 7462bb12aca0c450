/** How to reach an engine. `tls` names a directory with ca.pem, cert.pem and key.pem. */
export type EngineAddress =
  | { kind: 'unix'; path: string }
  | { kind: 'tcp'; host: string; port: number; tls: TlsSource | null }
  | { kind: 'ssh'; address: string; host: string; path: string }
  | { kind: 'unusable'; text: string };

export interface TlsSource {
  dir: string;
  verify: boolean;
}

export const DEFAULT_SOCKET = '/var/run/docker.sock';

/** What DOCKER_HOST or a docker context says, read as the docker command does. */
export function parseAddress(text: string, tls: TlsSource | null): EngineAddress {
  if (text.startsWith('unix://')) {
    return { kind: 'unix', path: text.slice('unix://'.length) || DEFAULT_SOCKET };
  }
  const url = urlOf(text.includes('://') ? text : `tcp://${text}`);
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url && host !== '' && ['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    const port = Number(url.port) || (tls ? 2376 : 2375);
    return { kind: 'tcp', host, port, tls };
  }
  if (url && host !== '' && url.protocol === 'ssh:') {
    const user = url.username && `${decodeURIComponent(url.username)}@`;
    const address = `${user}${url.hostname}${url.port && `:${url.port}`}`;
    return {
      kind: 'ssh',
      address,
      host,
      path: url.pathname.slice(1) ? url.pathname : DEFAULT_SOCKET,
    };
  }
  return { kind: 'unusable', text: withoutPassword(text) };
}

/** The name of the engine in lists and errors, without secrets. */
export function addressText(address: EngineAddress): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`;
    case 'tcp':
      return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    case 'ssh':
      return `ssh://${address.address}${address.path === DEFAULT_SOCKET ? '' : address.path}`;
    case 'unusable':
      return address.text;
  }
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function withoutPassword(text: string): string {
  return text.replace(/:[^:@/]*@/, '@');
}
