import { redirect } from 'next/navigation';
import { database } from '../lib/database.ts';
import { currentUser } from '../lib/session.ts';
import { leave } from './actions.ts';
import { NewNote, RemoveNote } from './forms.tsx';

const SHOWN = 100;
const when = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

export default async function Page() {
  const userId = await currentUser();
  if (!userId) redirect('/login');
  const store = await database();
  const notes = await store.notes(userId, { limit: SHOWN, before: null });
  return (
    <>
      <header>
        <h1>Notes</h1>
        <form action={leave}>
          <button type="submit" className="quiet">
            Log out
          </button>
        </form>
      </header>
      <main>
        <NewNote />
        {notes.length === 0 ? (
          <p className="empty">No notes yet. Write the first one above.</p>
        ) : null}
        <ul className="notes">
          {notes.map((note) => (
            <li key={note.id}>
              <p>{note.text}</p>
              <footer>
                <time dateTime={note.updatedAt}>{when.format(new Date(note.updatedAt))} UTC</time>
                <RemoveNote id={note.id} />
              </footer>
            </li>
          ))}
        </ul>
      </main>
    </>
  );
}
