import { availableParallelism } from 'node:os';
import { Session } from './session.ts';

const LEAST = 2;
/** A small managed server has few connections, and each worker takes three. */
const MOST = 4;

/** The two servers do the work; but a machine with more cores mostly moves between larger ones. */
export function defaultWorkers(): number {
  return Math.max(LEAST, Math.min(MOST, availableParallelism()));
}

/** Sessions of one piece of work, all ended with it. */
export class Sessions {
  readonly #open: Session[] = [];
  #over = false;

  async open(url: string, settings: string, signal: AbortSignal): Promise<Session> {
    const session = await Session.open(url, settings, signal);
    this.#open.push(session);
    // One that was opened beside it has failed meanwhile.
    if (this.#over) session.cut();
    return session;
  }

  close(): void {
    this.#over = true;
    for (const session of this.#open) session.cut();
  }
}

/** Several of the same kind, opened side by side. */
export function openMany(count: number, open: () => Promise<Session>): Promise<Session[]> {
  return Promise.all(Array.from({ length: count }, open));
}

export async function withSessions<T>(work: (sessions: Sessions) => Promise<T>): Promise<T> {
  const sessions = new Sessions();
  try {
    return await work(sessions);
  } finally {
    sessions.close();
  }
}
