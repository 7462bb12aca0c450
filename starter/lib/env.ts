import { hostname } from 'node:os';

/** Which replica answers: the one the fleet named, or this machine. */
export const replica = process.env.PORTSYNC_REPLICA || hostname();

export const REPLICA_HEADER = 'x-portsync-replica';

/** @throws with the name of the variable, and never its value. */
export function required(name: 'DATABASE_URL' | 'JWT_SECRET'): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: write it into .env and deploy again.`);
}
