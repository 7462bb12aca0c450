import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import SshConfig from 'ssh-config';
import { UsageError } from '../../errors.ts';
import { parseAddress } from './address.ts';
import { readConfigText } from './config-files.ts';

/** Everything ssh would do to reach a host, after its configuration was applied. */
export interface HostConfig {
  host: string;
  port: number;
  user: string;
  /** The name that known_hosts is asked for in place of the host's. */
  keyAlias: string | null;
  keyFiles: string[];
  /** Offer only `keyFiles`, also from the agent. */
  keyFilesOnly: boolean;
  /** The agent's socket. */
  agent: string | null;
  knownHosts: string[];
  /** Addresses to go through, first one first. */
  jumps: string[];
}

export interface ConfigOptions {
  /** As `ssh -F`: read this file alone. */
  configFile?: string | undefined;
  home?: string | undefined;
  /** Default SSH_AUTH_SOCK; null for none. */
  agentSocket?: string | null | undefined;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const DEFAULT_KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const DEFAULT_GLOBAL_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/** @throws UsageError for an address or a configuration that cannot be understood. */
export function resolveHost(addressText: string, options: ConfigOptions): HostConfig {
  const address = parseAddress(addressText);
  const home = options.home ?? homedir();
  const text = readConfigText(home, options.configFile ?? null);
  const found = compute(text, address.host, address.user);
  const localUser = userInfo().username;
  const host = (found.one('hostname') ?? address.host).replace(/%[h%]/g, (token) =>
    token === '%h' ? address.host : '%',
  );
  const user = address.user ?? found.one('user') ?? localUser;
  const port = address.port ?? portOf(found.one('port'), address.host);
  const path = (file: string) =>
    expandPath(file, home, {
      d: home,
      h: host,
      n: address.host,
      p: `${port}`,
      r: user,
      u: localUser,
    });
  const keyFiles = found.all('identityfile').filter((file) => file !== 'none');
  const proxy = found.one('proxycommand');
  const jump = found.one('proxyjump');
  if (proxy && proxy !== 'none' && !jump) throw proxyCommand(addressText);
  return {
    host,
    port,
    user,
    keyAlias: found.one('hostkeyalias'),
    keyFiles: (found.all('identityfile').length ? keyFiles : DEFAULT_KEYS.map(inSsh)).map(path),
    keyFilesOnly: found.one('identitiesonly')?.toLowerCase() === 'yes',
    agent: agentOf(found.one('identityagent'), options.agentSocket, path),
    knownHosts: [
      ...found.all('userknownhostsfile', DEFAULT_KNOWN_HOSTS),
      ...found.all('globalknownhostsfile', DEFAULT_GLOBAL_KNOWN_HOSTS),
    ]
      .filter((file) => file !== 'none')
      .map(path),
    jumps: !jump || jump.toLowerCase() === 'none' ? [] : jump.split(',').map((hop) => hop.trim()),
  };
}

function portOf(text: string | null, host: string): number {
  const port = Number(text ?? 22);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw invalid(`Port ${text} of ${host} is not a port.`);
}

const inSsh = (name: string) => `~/.ssh/${name}`;

function compute(text: string, host: string, user: string | null) {
  try {
    const query = user === null ? { Host: host } : { Host: host, User: user };
    // Match exec would run a shell command on every look.
    const values = SshConfig.parse(text).compute(query, { ignoreCase: true, matchExec: false });
    const all = (key: string, otherwise: string[] = []) => {
      const value = values[key];
      return value === undefined ? otherwise : [value].flat();
    };
    return { all, one: (key: string) => all(key)[0] ?? null };
  } catch (error) {
    throw invalid((error as Error).message, error);
  }
}

function invalid(why: string, cause?: unknown): UsageError {
  return new UsageError({
    code: 'ssh-config-invalid',
    message: 'The SSH configuration cannot be understood.',
    why,
    next: 'Try ssh -G HOST: it names the line.',
    cause,
  });
}

function agentOf(
  configured: string | null,
  given: string | null | undefined,
  path: (file: string) => string,
): string | null {
  const usual = given === undefined ? (process.env.SSH_AUTH_SOCK ?? null) : given;
  if (configured === null || configured === 'SSH_AUTH_SOCK') return usual || null;
  if (configured === 'none') return null;
  if (configured.startsWith('$')) return process.env[configured.replace(/[${}]/g, '')] ?? null;
  return path(configured);
}

function expandPath(file: string, home: string, tokens: Record<string, string>): string {
  const full = file
    .replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)))
    .replace(/^~(?=\/|$)/, home);
  return isAbsolute(full) ? full : join(process.cwd(), full);
}

function proxyCommand(address: string): UsageError {
  return new UsageError({
    code: 'ssh-proxy-command',
    message: `${address} is configured with ProxyCommand, which PortSync does not run.`,
    why: 'The SSH configuration sets it for this host.',
    next: 'Use ProxyJump for this host, or give an address that is reached directly.',
  });
}
