import { createHash } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { database } from './database.ts';
import { AppError } from './errors.ts';
import type { User } from './store.ts';

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const SHORTEST_PASSWORD = 8;
/** Within a quarter of an hour; from one address for one account, and from one address for any. */
const MOST_FAILURES = 10;
const MOST_FAILURES_OF_ADDRESS = 100;

export interface Credentials {
  email: string;
  password: string;
}

export function credentialsOf(email: string, password: string): Credentials {
  const trimmed = email.trim().toLowerCase();
  if (!EMAIL.test(trimmed)) throw new AppError(400, 'invalid', '“email” must be an address.');
  if (password.length >= SHORTEST_PASSWORD) return { email: trimmed, password };
  throw new AppError(
    400,
    'invalid',
    `“password” must have ${SHORTEST_PASSWORD} characters or more.`,
  );
}

/** @param key the Idempotency-Key: a sign-up that is sent again answers the account it made. */
export async function signUp({ email, password }: Credentials, key: string | null): Promise<User> {
  const store = await database();
  const made = await store.createUser(email, await hash(password), key);
  if (made) return made;
  const before = key === null ? null : await store.findUser(email);
  if (before?.signupKey === key && (await verify(before.passwordHash, password))) return before;
  throw new AppError(409, 'taken', 'This address has an account already.');
}

/** @param address where the request came from; failures are counted by it. */
export async function logIn({ email, password }: Credentials, address: string): Promise<User> {
  const store = await database();
  const account = keyOf(`${address} ${email}`);
  const anywhere = keyOf(address);
  const [mine, all] = await Promise.all([
    store.loginFailures([account]),
    store.loginFailures([anywhere]),
  ]);
  if (mine >= MOST_FAILURES || all >= MOST_FAILURES_OF_ADDRESS) {
    throw new AppError(
      429,
      'too-many',
      'Too many failed attempts. Try again in a quarter of an hour.',
    );
  }
  const user = await store.findUser(email);
  // The same work for an address that is not known, so that the time tells nothing.
  const right = await verify(user?.passwordHash ?? (await nobody), password);
  if (user && right) return user;
  await store.countLoginFailure([account, anywhere]);
  throw new AppError(401, 'wrong', 'The address or the password is wrong.');
}

const nobody = hash('nobody has this password');

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
