/** Keys of a service that `docker stack deploy` carries out; it refuses a file with one it never heard of. */
const TAKEN = [
  'cap_add',
  'cap_drop',
  'command',
  'configs',
  'credential_spec',
  'deploy',
  'dns',
  'dns_search',
  'entrypoint',
  'environment',
  'extra_hosts',
  'healthcheck',
  'hostname',
  'image',
  'init',
  'isolation',
  'labels',
  'logging',
  'networks',
  'ports',
  'read_only',
  'secrets',
  'stdin_open',
  'stop_grace_period',
  'stop_signal',
  'sysctls',
  'tmpfs',
  'tty',
  'ulimits',
  'user',
  'volumes',
  'working_dir',
];

/** What PortSync does in its own way, or what says nothing about a service that runs. */
const UNNEEDED = [
  'build',
  'depends_on',
  'develop',
  'env_file',
  'expose',
  'profiles',
  'pull_policy',
  'restart',
];

export function isTaken(key: string): boolean {
  return TAKEN.includes(key);
}

/** Whether a service is another one without it. */
export function isLost(key: string): boolean {
  return !isTaken(key) && !UNNEEDED.includes(key) && !key.startsWith('x-');
}
