import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './http-interface.ts';

const PAUSE_MS = 20;

/**
 * Somebody who uses the app without a break: writes, changes, deletes and reads notes, one request after
 * the other, and keeps book of what was acknowledged. Any answer but the right one is a failure, and so
 * is a read that does not show what was acknowledged before.
 */
export class NotesWriter {
  /** `PUT 502`, `POST fetch failed`, … */
  readonly failures: string[] = [];
  acknowledged = 0;
  readonly #caller: Caller;
  /** Texts by id. */
  readonly #book = new Map<string, string>();
  #stopped = false;
  #done: Promise<void> = Promise.resolve();

  private constructor(caller: Caller) {
    this.#caller = caller;
  }

  static async start(appUrl: string): Promise<NotesWriter> {
    const writer = new NotesWriter(await new Caller(appUrl).signUp());
    writer.#done = writer.#run();
    return writer;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** What is wrong with what the app serves now, in words. */
  async check(): Promise<string[]> {
    const { body } = await this.#caller.send('GET', '/api/notes');
    const notes: Array<{ id: string; text: string }> = body.notes;
    const found = new Map(notes.map(({ id, text }) => [id, text]));
    const wrong = found.size === notes.length ? [] : ['a note is there twice'];
    for (const [id, text] of this.#book) {
      if (found.get(id) !== text) wrong.push(`note ${id} is ${found.get(id)}, not ${text}`);
      found.delete(id);
    }
    for (const [id, text] of found) wrong.push(`note ${id} (${text}) was never acknowledged`);
    return wrong;
  }

  async #run(): Promise<void> {
    for (let n = 1; !this.#stopped; n += 1) {
      await this.#act(n).catch((error: Error) => this.failures.push(error.message));
      await sleep(PAUSE_MS);
    }
  }

  async #act(n: number): Promise<void> {
    const ids = [...this.#book.keys()];
    const id = ids[Math.floor(Math.random() * ids.length)];
    const dice = Math.random();
    if (id === undefined || dice < 0.4) {
      const made = await this.#send('POST', '', `note ${n}`);
      this.#book.set(made.id, `note ${n}`);
    } else if (dice < 0.7) {
      await this.#send('PUT', `/${id}`, `note ${n}`);
      this.#book.set(id, `note ${n}`);
    } else if (dice < 0.8) {
      await this.#send('DELETE', `/${id}`);
      this.#book.delete(id);
    } else {
      const { text } = await this.#send('GET', `/${id}`);
      if (text !== this.#book.get(id)) throw new Error(`GET shows an older note ${id}`);
    }
  }

  async #send(method: string, path: string, text?: string) {
    const body = text === undefined ? undefined : { text };
    const call = this.#caller.send(method, `/api/notes${path}`, body);
    const answer = await call.catch((error: Error) => {
      throw new Error(`${method} ${error.message}`);
    });
    if (answer.status >= 300) throw new Error(`${method} ${answer.status}`);
    if (method !== 'GET') this.acknowledged += 1;
    return answer.body;
  }
}
