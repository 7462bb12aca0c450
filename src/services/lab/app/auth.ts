import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';

const COST = 16_384;
const BLOCK = 8;
const KEY_BYTES = 32;
export const TOKEN_SECONDS = 7 * 86_400;

/** `scrypt$cost$block$salt$key`: a hash says itself how it was made, so that the cost may rise later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST, BLOCK);
  return ['scrypt', COST, BLOCK, salt.toString('base64url'), key.toString('base64url')].join('$');
}

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [kind, cost, block, salt, key] = hash.split('$');
  if (kind !== 'scrypt' || !salt || !key) return false;
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), Number(cost), Number(block));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Tokens that every replica with the same secret makes and accepts: nothing is kept of them. */
export class Tokens {
  readonly #secret: Uint8Array;

  constructor(secret: string) {
    this.#secret = new TextEncoder().encode(secret);
  }

  async issue(userId: string): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_SECONDS}s`)
      .sign(this.#secret);
  }

  /** The user's id, or null for a token that is not ours, or not any more. */
  async userOf(token: string): Promise<string | null> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, { algorithms: ['HS256'] });
      return payload.sub ?? null;
    } catch {
      return null;
    }
  }
}

function derive(password: string, salt: Buffer, cost: number, block: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, { cost, blockSize: block }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
