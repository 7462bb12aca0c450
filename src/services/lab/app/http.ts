import type { IncomingMessage, ServerResponse } from 'node:http';

const LONGEST_BODY = 64 * 1024;

/** An answer that is no success, thrown from wherever it is found out. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function send(res: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) return void res.writeHead(status).end();
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  res.end(text);
}

/** The body as a JSON object. */
export async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new HttpError(413, 'too-large', 'The body is over 64 KiB.');
    chunks.push(chunk);
  }
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {}
  throw new HttpError(400, 'not-json', 'The body must be a JSON object.');
}

export function textOf(body: Record<string, unknown>, key: string, longest: number): string {
  const value = body[key];
  const fits = typeof value === 'string' && value.length > 0 && value.length <= longest;
  // PostgreSQL keeps no NUL in a text.
  if (fits && !value.includes('\0')) return value;
  throw new HttpError(400, 'invalid', `“${key}” must be a text of 1 to ${longest} characters.`);
}

/** `Authorization: Bearer`, else the cookie. */
export function tokenOf(req: IncomingMessage, cookie: string): string | null {
  const bearer = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '');
  if (bearer?.[1]) return bearer[1];
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === cookie)?.[1] ?? null;
}
