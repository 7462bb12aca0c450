import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Once, Page, Store, User } from '../../../../starter/lib/store.ts';
import { hashPassword, isPassword, TOKEN_SECONDS, type Tokens } from './auth.ts';
import { HttpError, readJson, send, textOf, tokenOf } from './http.ts';

const COOKIE = 'session';
const LONGEST_NOTE = 10_000;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

export interface Call {
  req: IncomingMessage;
  res: ServerResponse;
  query: URLSearchParams;
  /** The last part of the path, where the route has one. */
  id: string;
}

/** By method and path. A handler sends the answer, or throws an HttpError. */
export type Routes = Readonly<Record<string, (call: Call) => Promise<void>>>;

export function accountRoutes(store: Store, tokens: Tokens): Routes {
  async function welcome(res: ServerResponse, status: number, user: User): Promise<void> {
    const token = await tokens.issue(user.id);
    const rules = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${TOKEN_SECONDS}`;
    res.setHeader('set-cookie', `${COOKIE}=${token}; ${rules}`);
    send(res, status, { token });
  }

  /** The account that an earlier sending of this very request made. */
  async function madeBefore(email: string, password: string, key: string | null) {
    const user = key === null ? null : await store.findUser(email);
    if (!user || user.signupKey !== key) return null;
    return (await isPassword(password, user.passwordHash)) ? user : null;
  }

  return {
    'POST /api/signup': async ({ req, res }) => {
      const { email, password } = await credentials(req);
      const key = keyOf(req);
      const made = await store.createUser(email, await hashPassword(password), key);
      const user = made ?? (await madeBefore(email, password, key));
      if (!user) throw new HttpError(409, 'taken', 'This address has an account already.');
      await welcome(res, 201, user);
    },
    'POST /api/login': async ({ req, res }) => {
      const { email, password } = await credentials(req);
      const user = await store.findUser(email);
      const right = user !== null && (await isPassword(password, user.passwordHash));
      if (!right) throw new HttpError(401, 'wrong', 'The address or the password is wrong.');
      await welcome(res, 200, user);
    },
  };
}

export function noteRoutes(store: Store, tokens: Tokens): Routes {
  async function userOf(req: IncomingMessage): Promise<string> {
    const token = tokenOf(req, COOKIE);
    const userId = token && (await tokens.userOf(token));
    if (!userId) throw new HttpError(401, 'not-logged-in', 'Log in first.');
    return userId;
  }

  return {
    'GET /api/notes': async ({ req, res, query }) => {
      const userId = await userOf(req);
      send(res, 200, { notes: await store.notes(userId, pageOf(query)) });
    },
    'POST /api/notes': async ({ req, res }) => {
      const userId = await userOf(req);
      const text = textOf(await readJson(req), 'text', LONGEST_NOTE);
      const created = await store.createNote(userId, text, onceOf(req, text));
      if (created !== 'reused') return send(res, 201, created.note);
      throw new HttpError(422, 'key-reused', 'This Idempotency-Key was used for another note.');
    },
    'GET /api/notes/:id': async ({ req, res, id }) => {
      const userId = await userOf(req);
      send(res, 200, found(await store.note(userId, id)));
    },
    'PUT /api/notes/:id': async ({ req, res, id }) => {
      const userId = await userOf(req);
      const text = textOf(await readJson(req), 'text', LONGEST_NOTE);
      send(res, 200, found(await store.updateNote(userId, id, text)));
    },
    'DELETE /api/notes/:id': async ({ req, res, id }) => {
      const userId = await userOf(req);
      found((await store.deleteNote(userId, id)) || null);
      send(res, 204);
    },
  };
}

async function credentials(req: IncomingMessage): Promise<{ email: string; password: string }> {
  const body = await readJson(req);
  const email = textOf(body, 'email', 254).trim().toLowerCase();
  const password = textOf(body, 'password', 200);
  if (!EMAIL.test(email)) throw new HttpError(400, 'invalid', '“email” must be an address.');
  if (password.length >= 8) return { email, password };
  throw new HttpError(400, 'invalid', '“password” must have 8 characters or more.');
}

function keyOf(req: IncomingMessage): string | null {
  const key = req.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return null;
  if (key.length <= 200) return key;
  throw new HttpError(400, 'invalid', 'The Idempotency-Key is longer than 200 characters.');
}

function onceOf(req: IncomingMessage, text: string): Once | null {
  const key = keyOf(req);
  return key === null
    ? null
    : { key, requestHash: createHash('sha256').update(text).digest('hex') };
}

function pageOf(query: URLSearchParams): Page {
  const limit = query.get('limit');
  const before = query.get('before');
  if (limit === null) return { limit: null, before };
  const count = Number(limit);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000) return { limit: count, before };
  throw new HttpError(400, 'invalid', '“limit” must be a number from 1 to 1000.');
}

function found<T>(value: T | null): T {
  if (value === null) throw new HttpError(404, 'not-found', 'You have no such note.');
  return value;
}
