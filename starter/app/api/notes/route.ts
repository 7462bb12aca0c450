import { answering, idempotencyKey, readJson, textOf, userOf } from '../../../lib/api.ts';
import { database } from '../../../lib/database.ts';
import { AppError } from '../../../lib/errors.ts';
import { LONGEST_NOTE, onceOf, pageOf } from '../../../lib/notes.ts';

export const GET = answering(async (request) => {
  const userId = await userOf(request);
  const page = pageOf(new URL(request.url).searchParams);
  const store = await database();
  return Response.json({ notes: await store.notes(userId, page) });
});

export const POST = answering(async (request) => {
  const userId = await userOf(request);
  const text = textOf(await readJson(request), 'text', LONGEST_NOTE);
  const store = await database();
  const created = await store.createNote(userId, text, onceOf(idempotencyKey(request), text));
  if (created !== 'reused') return Response.json(created.note, { status: 201 });
  throw new AppError(422, 'key-reused', 'This Idempotency-Key was used for another note.');
});
