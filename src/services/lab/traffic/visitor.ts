import { randomUUID } from 'node:crypto';
import { type Agent, request } from 'node:http';

const TIMEOUT_MS = 10_000;
const KEPT = 40;

export interface Note {
  id: string;
  /** Set before the deletion is sent: not to be found is right from then on. */
  deleted: boolean;
}

interface Answer {
  status: number;
  body: string;
}

/** Null when it went well; else why not, in words that are the same each time. */
export type Result = string | null;

/** Someone with an account, who reads, writes and deletes notes. */
export class Visitor {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #account = { email: `visitor-${randomUUID()}@example.org`, password: randomUUID() };
  readonly #notes: Note[] = [];
  #token: string | null = null;
  #entering: Promise<Result> | null = null;

  constructor(base: URL, agent: Agent) {
    this.#base = base;
    this.#agent = agent;
  }

  /** One request, of the mixture that such an app sees: a fifth of them write. */
  async act(dice: number): Promise<Result> {
    if (this.#token === null) {
      // The others who come meanwhile wait for the same door.
      this.#entering ??= this.#enter().finally(() => {
        this.#entering = null;
      });
      const refused = await this.#entering;
      if (refused) return refused;
    }
    if (dice < 0.1) return this.#write();
    const note = this.#notes[Math.floor(dice * 1e6) % Math.max(1, this.#notes.length)];
    if (!note || dice >= 0.4) return this.#expect(200, 'GET', '/api/notes?limit=20');
    if (dice < 0.15) return this.#onNote(note, 200, 'PUT', { text: `changed at ${Date.now()}` });
    if (dice < 0.2) return this.#remove(note);
    return this.#onNote(note, 200, 'GET');
  }

  /** A login, or a sign-up the first time. */
  async #enter(): Promise<Result> {
    const login = await this.#send('POST', '/api/login', this.#account);
    const answer =
      login.status === 401 ? await this.#send('POST', '/api/signup', this.#account) : login;
    if (answer.status !== 200 && answer.status !== 201) return reasonOf('POST', answer);
    this.#token = JSON.parse(answer.body).token;
    return null;
  }

  async #write(): Promise<Result> {
    if (this.#notes.length >= KEPT) return this.#remove(this.#notes[0] as Note);
    const answer = await this.#ask('POST', '/api/notes', { text: `written at ${Date.now()}` });
    if (answer.status !== 201) return reasonOf('POST', answer);
    this.#notes.push({ id: JSON.parse(answer.body).id, deleted: false });
    return null;
  }

  async #remove(note: Note): Promise<Result> {
    note.deleted = true;
    this.#notes.splice(this.#notes.indexOf(note), 1);
    return this.#expect(204, 'DELETE', `/api/notes/${note.id}`);
  }

  async #onNote(note: Note, wanted: number, method: string, body?: unknown): Promise<Result> {
    const result = await this.#expect(wanted, method, `/api/notes/${note.id}`, body);
    return note.deleted && result?.endsWith(' 404') ? null : result;
  }

  async #expect(wanted: number, method: string, path: string, body?: unknown): Promise<Result> {
    const answer = await this.#ask(method, path, body);
    return answer.status === wanted ? null : reasonOf(method, answer);
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#send(method, path, body);
    // The app's secret was changed: in again, by the front door.
    if (answer.status === 401) this.#token = null;
    return answer;
  }

  #send(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | number> = {};
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    if (text !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(text);
    }
    const { hostname, port } = this.#base;
    return new Promise((resolve, reject) => {
      const options = { hostname, port, method, path, headers, agent: this.#agent };
      const sent = request(options, (res) => {
        let answer = '';
        res.setEncoding('utf8');
        res.on('data', (chunk) => {
          answer += chunk;
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: answer }));
        res.on('error', reject);
      });
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('no answer')));
      sent.on('error', reject);
      sent.end(text);
    });
  }
}

function reasonOf(method: string, { status }: Answer): string {
  return `${method} status ${status}`;
}
