import { createHash } from 'node:crypto';
import { AppError } from './errors.ts';
import type { Once, Page } from './store.ts';

export const LONGEST_NOTE = 10_000;

export function onceOf(key: string | null, text: string): Once | null {
  return key === null
    ? null
    : { key, requestHash: createHash('sha256').update(text).digest('hex') };
}

export function pageOf(query: URLSearchParams): Page {
  const limit = query.get('limit');
  const before = query.get('before');
  if (limit === null) return { limit: null, before };
  const count = Number(limit);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000) return { limit: count, before };
  throw new AppError(400, 'invalid', '“limit” must be a number from 1 to 1000.');
}

export function found<T>(value: T | null): T {
  if (value === null) throw new AppError(404, 'not-found', 'You have no such note.');
  return value;
}
