import { isDeepStrictEqual } from 'node:util';

type Find = (signal: AbortSignal) => Promise<string | null>;

/** By the address that URLs hold: a container has another one after each start. */
const moving = new Map<string, { now: string; find: Find }>();

/** From here on, what is said to be at `address` is looked for by `find` when it does not answer there. */
export function mayMove(address: string, find: Find): void {
  moving.set(address, { now: address, find });
}

/** Where it is, as far as is known. */
export function addressOf(host: string): string {
  return moving.get(host)?.now ?? host;
}

/** Looks for those of `hosts` that may move; whether one is somewhere else than was known. */
export async function haveMoved(hosts: readonly string[], signal: AbortSignal): Promise<boolean> {
  const before = hosts.map(addressOf);
  for (const host of hosts) {
    const entry = moving.get(host);
    // Nothing is known anew while the engine does not answer either.
    const found = await entry?.find(signal).catch(() => null);
    if (entry && found) entry.now = found;
  }
  return !isDeepStrictEqual(hosts.map(addressOf), before);
}
