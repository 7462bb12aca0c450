import { errors, jwtVerify, SignJWT } from 'jose';
import { cookies } from 'next/headers';
import { required } from './env.ts';

export const COOKIE = 'session';
const TOKEN_SECONDS = 7 * 86_400;
const SHORTEST_SECRET = 32;

/**
 * The keys that tokens are accepted with; the first one signs. To change the secret without logging
 * anybody out: move it to JWT_SECRET_PREVIOUS, set a new JWT_SECRET, and a week later remove the old one.
 */
function keys(): Uint8Array[] {
  const secrets = [required('JWT_SECRET'), process.env.JWT_SECRET_PREVIOUS].filter(
    (each) => !!each,
  );
  if (secrets.some((secret) => (secret ?? '').length < SHORTEST_SECRET)) {
    throw new Error(`JWT_SECRET must have ${SHORTEST_SECRET} characters or more.`);
  }
  return secrets.map((secret) => new TextEncoder().encode(secret));
}

/** A token says all there is to say of a session: any replica, also one started later, takes it. */
export async function issueToken(userId: string): Promise<string> {
  const [key = new Uint8Array()] = keys();
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_SECONDS}s`)
    .sign(key);
}

/** The user's id, or null for a token that is not ours, or not any more. */
export async function userOfToken(token: string): Promise<string | null> {
  for (const key of keys()) {
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
      return payload.sub ?? null;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return null;
    }
  }
  return null;
}

/** Who is logged in by the cookie, for pages and actions. */
export async function currentUser(): Promise<string | null> {
  const token = (await cookies()).get(COOKIE)?.value;
  return token ? userOfToken(token) : null;
}

export function cookieOptions(secure: boolean) {
  return { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: TOKEN_SECONDS } as const;
}
