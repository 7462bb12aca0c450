import { redirect } from 'next/navigation';
import { currentUser } from '../../lib/session.ts';
import { Enter } from '../forms.tsx';

export default async function Login() {
  if (await currentUser()) redirect('/');
  return (
    <main className="door">
      <h1>Notes</h1>
      <p className="lead">Write things down, find them again from anywhere.</p>
      <Enter />
    </main>
  );
}
