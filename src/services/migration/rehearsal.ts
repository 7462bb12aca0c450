import { orAborted } from '../../limit.ts';
import type { Following } from '../../ports/mover.ts';
import { coloursOf, startIdle } from './app.ts';
import type { Parts } from './parts.ts';
import { notEqual, wentBack } from './problems.ts';
import { stay } from './stay.ts';
import { Steps } from './steps.ts';

/**
 * Everything of a cut-over but the hold, the freeze and the switch: nobody waits. What it measured
 * and what stood in the way is in the picture afterwards.
 */
export async function rehearse(
  parts: Parts,
  following: Following,
  signal: AbortSignal,
): Promise<void> {
  const { app, book, env, mover, options } = parts;
  const colours = app && (await coloursOf(app, signal));
  await book.note({ step: 'try', to: 'target', colours });
  const steps = new Steps(book, 'rehearsal', options.deadlineMs);
  await book.enter('cutting-over', { cutover: steps.cutover });
  let problem = null;
  try {
    if (app && colours && env) {
      const variables = await env.environment('target');
      await steps.do('start-colour', () => startIdle(app, colours, variables, signal));
    }
    const proof = await steps.do('proof', () => orAborted(mover.prove('source', signal), signal));
    book.show({ proof });
    if (!proof.equal) throw notEqual(proof);
    await steps.do('drain', () => orAborted(following.caughtUp(signal), signal));
  } catch (error) {
    problem = wentBack(error, steps, options.deadlineMs);
  }
  const attempt = { to: 'target', colours, decided: false } as const;
  const undone = { attempt, freezing: null, held: false, sealing: false };
  await stay(parts, { ...undone, problem }, signal);
}
