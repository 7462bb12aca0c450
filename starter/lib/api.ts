import { REPLICA_HEADER, replica } from './env.ts';
import { AppError, asAppError } from './errors.ts';
import { COOKIE, cookieOptions, issueToken, userOfToken } from './session.ts';

const LONGEST_BODY = 64 * 1024;

/** Every answer names its replica; what is thrown becomes an answer as well. */
export function answering<Rest extends unknown[]>(
  handle: (request: Request, ...rest: Rest) => Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const response = await handle(request, ...rest).catch(failure);
    response.headers.set(REPLICA_HEADER, replica);
    response.headers.set('cache-control', 'no-store');
    return response;
  };
}

function failure(error: unknown): Response {
  const { status, code, message } = asAppError(error);
  const headers: HeadersInit = status === 503 || status === 429 ? { 'retry-after': '1' } : {};
  return Response.json({ error: { code, message } }, { status, headers });
}

/** `Authorization: Bearer`, else the cookie. */
export async function userOf(request: Request): Promise<string> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const pairs = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='));
  const token = bearer ?? pairs.find(([name]) => name === COOKIE)?.[1];
  const userId = token ? await userOfToken(token) : null;
  if (userId) return userId;
  throw new AppError(401, 'not-logged-in', 'Log in first.');
}

/** A token in the body and in the cookie, for whoever prefers which. */
export async function welcome(request: Request, status: number, userId: string): Promise<Response> {
  const token = await issueToken(userId);
  const { maxAge, secure } = cookieOptions(isSecure(request.headers));
  const rules = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure ? '; Secure' : ''}`;
  const headers = { 'set-cookie': `${COOKIE}=${token}; ${rules}` };
  return Response.json({ token }, { status, headers });
}

/** The load balancer ends TLS, and says so. */
export function isSecure(headers: Headers): boolean {
  return headers.get('x-forwarded-proto') === 'https';
}

/** The last address is the one that the load balancer saw; those before it are anyone's claim. */
export function addressOf(headers: Headers): string {
  return headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() || 'unknown';
}

/** The body as a JSON object of at most 64 KiB. */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Node's streams can be iterated; the DOM's types do not know it.
  const body = request.body as unknown as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new AppError(413, 'too-large', 'The body is over 64 KiB.');
    chunks.push(chunk);
  }
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {}
  throw new AppError(400, 'not-json', 'The body must be a JSON object.');
}

export function textOf(body: Record<string, unknown>, key: string, longest: number): string {
  const value = body[key];
  const fits = typeof value === 'string' && value.length > 0 && value.length <= longest;
  // PostgreSQL keeps no NUL in a text.
  if (fits && !value.includes('\0')) return value;
  throw new AppError(400, 'invalid', `“${key}” must be a text of 1 to ${longest} characters.`);
}

export function idempotencyKey(request: Request): string | null {
  const key = request.headers.get('idempotency-key');
  if (!key) return null;
  if (key.length <= 200) return key;
  throw new AppError(400, 'invalid', 'The Idempotency-Key is longer than 200 characters.');
}
