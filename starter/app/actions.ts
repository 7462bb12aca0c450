'use server';

import { revalidatePath } from 'next/cache';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { credentialsOf, logIn, signUp } from '../lib/accounts.ts';
import { addressOf, isSecure } from '../lib/api.ts';
import { database } from '../lib/database.ts';
import { asAppError } from '../lib/errors.ts';
import { LONGEST_NOTE } from '../lib/notes.ts';
import { COOKIE, cookieOptions, currentUser, issueToken } from '../lib/session.ts';

/** Shown beside the form; null when all went well. */
export type Failure = string | null;

export async function enter(_before: Failure, form: FormData): Promise<Failure> {
  try {
    const credentials = credentialsOf(field(form, 'email'), field(form, 'password'));
    const from = await headers();
    const user =
      form.get('intent') === 'signup'
        ? await signUp(credentials, null)
        : await logIn(credentials, addressOf(from));
    (await cookies()).set(COOKIE, await issueToken(user.id), cookieOptions(isSecure(from)));
  } catch (error) {
    return asAppError(error).message;
  }
  redirect('/');
}

export async function leave(): Promise<void> {
  (await cookies()).delete(COOKIE);
  redirect('/login');
}

export async function addNote(_before: Failure, form: FormData): Promise<Failure> {
  const text = field(form, 'text').trim();
  if (text === '' || text.length > LONGEST_NOTE) return 'A note has 1 to 10,000 characters.';
  return changing(async (userId) => {
    const store = await database();
    await store.createNote(userId, text, null);
  });
}

export async function deleteNote(_before: Failure, form: FormData): Promise<Failure> {
  return changing(async (userId) => {
    const store = await database();
    await store.deleteNote(userId, field(form, 'id'));
  });
}

async function changing(work: (userId: string) => Promise<void>): Promise<Failure> {
  const userId = await currentUser();
  if (!userId) redirect('/login');
  try {
    await work(userId);
  } catch (error) {
    return asAppError(error).message;
  }
  revalidatePath('/');
  return null;
}

function field(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
