import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';

/** Someone who uses an app over HTTP; every answer is kept whole. */
export class Caller {
  readonly #url: string;
  readonly account = { email: `${randomUUID()}@example.org`, password: 'correct horse battery' };
  token: string | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const bearer = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const res = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...bearer, ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await res.text();
    return { status: res.status, headers: res.headers, body: text ? JSON.parse(text) : null };
  }

  async signUp(): Promise<this> {
    this.token = (await this.send('POST', '/api/signup', this.account)).body.token;
    return this;
  }

  async write(text: string): Promise<string> {
    return (await this.send('POST', '/api/notes', { text })).body.id;
  }

  async texts(query = ''): Promise<string[]> {
    const { body } = await this.send('GET', `/api/notes${query}`);
    return body.notes.map((note: { text: string }) => note.text);
  }
}

/** What every app behind PortSync's load and consistency tests serves; runs against any base URL. */
export function describeHttpInterface(app: string, url: () => string): void {
  const caller = () => new Caller(url());
  const keyed = () => ({ 'idempotency-key': randomUUID() });

  describe(`${app}: accounts`, () => {
    it('gives a token and an httpOnly cookie at sign-up and login; either opens the notes', async () => {
      const someone = caller();
      const signup = await someone.send('POST', '/api/signup', someone.account);
      expect([signup.status, typeof signup.body.token]).toEqual([201, 'string']);
      const login = await someone.send('POST', '/api/login', someone.account);
      const cookie = login.headers.get('set-cookie') ?? '';
      expect([login.status, cookie]).toEqual([200, expect.stringMatching(/; httponly/i)]);
      const headers = { cookie: cookie.split(';')[0] ?? '' };
      const byCookie = await someone.send('GET', '/api/notes', undefined, headers);
      someone.token = login.body.token;
      const byToken = await someone.send('GET', '/api/notes');
      expect([byCookie.body, byToken.body]).toEqual([{ notes: [] }, { notes: [] }]);
    });

    it('refuses a wrong password, a taken address, and whoever is not logged in', async () => {
      const someone = await caller().signUp();
      const { email } = someone.account;
      const wrong = await someone.send('POST', '/api/login', { email, password: 'wrong horse' });
      const taken = await someone.send('POST', '/api/signup', someone.account);
      const nobody = await caller().send('GET', '/api/notes');
      const forger = caller();
      forger.token = `${someone.token?.slice(0, -6)}AAAAAA`;
      const forged = await forger.send('GET', '/api/notes');
      const answers = [wrong, taken, nobody, forged].map(({ status }) => status);
      expect(answers).toEqual([401, 409, 401, 401]);
    });

    it('makes one account of a sign-up that is sent again, and gives it to no one else', async () => {
      const someone = caller();
      const key = keyed();
      const { email } = someone.account;
      const first = await someone.send('POST', '/api/signup', someone.account, key);
      const again = await someone.send('POST', '/api/signup', someone.account, key);
      const thief = { email, password: 'another horse' };
      const stolen = await someone.send('POST', '/api/signup', thief, key);
      expect([first.status, again.status, stolen.status]).toEqual([201, 201, 409]);
    });
  });

  describe(`${app}: notes`, () => {
    it('are written, read, changed and deleted', async () => {
      const someone = await caller().signUp();
      const made = await someone.send('POST', '/api/notes', { text: 'héllo 🌊' });
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({ id: expect.any(String), text: 'héllo 🌊' });
      const path = `/api/notes/${made.body.id}`;
      const read = await someone.send('GET', path);
      expect(read.body).toMatchObject({ text: 'héllo 🌊', updatedAt: made.body.updatedAt });
      const put = await someone.send('PUT', path, { text: 'changed' });
      expect([put.status, put.body.text]).toEqual([200, 'changed']);
      expect(Date.parse(put.body.updatedAt)).toBeGreaterThanOrEqual(
        Date.parse(made.body.updatedAt),
      );
      expect(await someone.texts()).toEqual(['changed']);
      expect((await someone.send('DELETE', path)).status).toBe(204);
      const gone = ['GET', 'DELETE'].map(async (way) => (await someone.send(way, path)).status);
      expect(await Promise.all(gone)).toEqual([404, 404]);
    });

    it('are nobody else’s to see or to change', async () => {
      const owner = await caller().signUp();
      const path = `/api/notes/${await owner.write('mine')}`;
      const other = await caller().signUp();
      expect(await other.texts()).toEqual([]);
      const tries = [
        other.send('GET', path),
        other.send('PUT', path, { text: 'theirs' }),
        other.send('DELETE', path),
      ];
      expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([404, 404, 404]);
      expect(await owner.texts()).toEqual(['mine']);
    });

    it('come newest first, all of them or in pages', async () => {
      const someone = await caller().signUp();
      const ids: string[] = [];
      for (const text of ['1', '2', '3', '4', '5']) ids.push(await someone.write(text));
      expect(await someone.texts()).toEqual(['5', '4', '3', '2', '1']);
      expect(await someone.texts('?limit=2')).toEqual(['5', '4']);
      expect(await someone.texts(`?limit=2&before=${ids[3]}`)).toEqual(['3', '2']);
      expect(await someone.texts(`?before=${ids[1]}`)).toEqual(['1']);
      expect((await someone.send('GET', '/api/notes?limit=none')).status).toBe(400);
    });

    it('are written once, however often a POST with its Idempotency-Key comes, even at once', async () => {
      const someone = await caller().signUp();
      const key = keyed();
      const send = (text: string) => someone.send('POST', '/api/notes', { text }, key);
      const answers = await Promise.all(Array.from({ length: 6 }, () => send('once')));
      const [first] = answers;
      expect(answers.map(({ status, body }) => [status, body.id])).toEqual(
        answers.map(() => [201, first?.body.id]),
      );
      expect(await someone.texts()).toEqual(['once']);
      expect((await send('something else')).status).toBe(422);
    });

    it('are refused when they make no sense', async () => {
      const someone = await caller().signUp();
      const answers = await Promise.all([
        someone.send('POST', '/api/notes', { text: '' }),
        someone.send('POST', '/api/notes', { text: 7 }),
        someone.send('POST', '/api/notes', ['text']),
        someone.send('POST', '/api/notes', { text: 'x'.repeat(100_000) }),
        someone.send('GET', '/api/notes/nonsense'),
        someone.send('PATCH', '/api/notes'),
      ]);
      const statuses = answers.map(({ status }) => status);
      expect(statuses).toEqual([400, 400, 400, 413, 404, 405]);
      expect(await someone.texts()).toEqual([]);
    });
  });

  it(`${app} says that it is alive and ready, and which replica answered`, async () => {
    for (const path of ['/api/health', '/api/ready', '/api/notes']) {
      const { status, headers } = await caller().send('GET', path);
      expect([path, status]).toEqual([path, path === '/api/notes' ? 401 : 200]);
      expect(headers.get('x-portsync-replica')).toMatch(/./);
    }
  });
}
