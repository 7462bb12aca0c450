'use client';

import { useActionState } from 'react';
import { addNote, deleteNote, enter } from './actions.ts';

function Problem({ text }: { text: string | null }) {
  return (
    <p role="alert" className="problem" hidden={text === null}>
      {text}
    </p>
  );
}

export function NewNote() {
  const [problem, action, busy] = useActionState(addNote, null);
  return (
    <form action={action} className="new">
      <label htmlFor="text">New note</label>
      <textarea id="text" name="text" rows={3} required maxLength={10_000} />
      <Problem text={problem} />
      <button type="submit" disabled={busy}>
        Add note
      </button>
    </form>
  );
}

export function RemoveNote({ id }: { id: string }) {
  const [problem, action, busy] = useActionState(deleteNote, null);
  return (
    <form action={action}>
      <input type="hidden" name="id" value={id} />
      <Problem text={problem} />
      <button type="submit" className="quiet" disabled={busy}>
        Delete
      </button>
    </form>
  );
}

export function Enter() {
  const [problem, action, busy] = useActionState(enter, null);
  return (
    <form action={action} className="enter">
      <label htmlFor="email">Email</label>
      <input id="email" name="email" type="email" autoComplete="email" required />
      <label htmlFor="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        minLength={8}
        aria-describedby="rule"
      />
      <p id="rule" className="hint">
        8 characters or more.
      </p>
      <Problem text={problem} />
      <div className="buttons">
        <button type="submit" name="intent" value="login" disabled={busy}>
          Log in
        </button>
        <button type="submit" name="intent" value="signup" className="second" disabled={busy}>
          Create an account
        </button>
      </div>
    </form>
  );
}
