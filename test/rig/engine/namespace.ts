import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'namespace';

/**
 * A network namespace for the engine in `dir`, tied to this machine by one cable, with no way out:
 * that there is no registry shows at once. Answers the engine's address on it.
 */
export async function makeNamespace(dir: string): Promise<string> {
  const id = randomBytes(4).toString('hex');
  const [name, here] = [`portsync-${id}`, `psv${id}`];
  const net = freeNet('10.214');
  await writeFile(join(dir, FILE), name);
  ip('netns', 'add', name);
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('addr', 'add', `${net}1/24`, 'dev', here);
  ip('link', 'set', here, 'up');
  ip('-n', name, 'addr', 'add', `${net}2/24`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return `${net}2`;
}

/** `10.214.7.`, which no interface of this machine is in. By chance: engines start side by side. */
export function freeNet(prefix: string): string {
  const used = spawnSync('ip', ['-o', '-4', 'addr'], { encoding: 'utf8' }).stdout;
  for (;;) {
    const net = `${prefix}.${randomInt(1, 255)}.`;
    if (!used.includes(` ${net}`)) return net;
  }
}

/** What `nsenter --net=` takes. */
export function namespaceFile(name: string): string {
  return `/run/netns/${name}`;
}

/** Null where the engine has none. */
export async function namespaceOf(dir: string): Promise<string | null> {
  return (await readFile(join(dir, FILE), 'utf8').catch(() => '')) || null;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
