import { answering, readJson, textOf, userOf } from '../../../../lib/api.ts';
import { database } from '../../../../lib/database.ts';
import { found, LONGEST_NOTE } from '../../../../lib/notes.ts';

type Context = { params: Promise<{ id: string }> };

export const GET = answering(async (request, { params }: Context) => {
  const userId = await userOf(request);
  const store = await database();
  return Response.json(found(await store.note(userId, (await params).id)));
});

export const PUT = answering(async (request, { params }: Context) => {
  const userId = await userOf(request);
  const text = textOf(await readJson(request), 'text', LONGEST_NOTE);
  const store = await database();
  return Response.json(found(await store.updateNote(userId, (await params).id, text)));
});

export const DELETE = answering(async (request, { params }: Context) => {
  const userId = await userOf(request);
  const store = await database();
  found((await store.deleteNote(userId, (await params).id)) || null);
  return new Response(null, { status: 204 });
});
