import { randomBytes } from 'node:crypto';
import {
  type ClientSession,
  type Collection,
  MongoClient,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  ObjectId,
} from 'mongodb';
import {
  type Created,
  LOGIN_WINDOW_SECONDS,
  type Note,
  type Once,
  type Page,
  type Store,
  StoreUnavailable,
  type User,
} from './store.ts';

interface UserDocument {
  email: string;
  passwordHash: string;
  signupKey: string | null;
  createdAt: Date;
}

interface NoteDocument {
  userId: ObjectId;
  text: string;
  createdAt: Date;
  updatedAt: Date;
}

interface KeyDocument {
  _id: { userId: ObjectId; key: string };
  requestHash: string;
  answer: Note;
  createdAt: Date;
}

interface FailureDocument {
  _id: string;
  count: number;
  since: Date;
}

const DAY_SECONDS = 86_400;
const DUPLICATE = 11_000;
const WRITES_BLOCKED = 371;
const ID = /^[0-9a-f]{24}$/;

export class MongoStore implements Store {
  readonly #client: MongoClient;
  readonly #users: Collection<UserDocument>;
  readonly #notes: Collection<NoteDocument>;
  readonly #keys: Collection<KeyDocument>;
  readonly #failures: Collection<FailureDocument>;
  #hasIndexes = false;

  constructor(url: string) {
    this.#client = new MongoClient(url, { maxPoolSize: 8, serverSelectionTimeoutMS: 5_000 });
    const db = this.#client.db();
    this.#users = db.collection('users');
    this.#notes = db.collection('notes');
    this.#keys = db.collection('idempotencyKeys');
    this.#failures = db.collection('loginFailures');
  }

  async ready() {
    // A client whose first connection failed stays closed, and begins anew only when it is told to.
    await this.#client.connect();
    if (!this.#hasIndexes) {
      await this.#users.createIndex({ email: 1 }, { unique: true });
      await this.#notes.createIndex({ userId: 1, _id: -1 });
      await this.#keys.createIndex({ createdAt: 1 }, { expireAfterSeconds: DAY_SECONDS });
      await this.#failures.createIndex({ since: 1 }, { expireAfterSeconds: LOGIN_WINDOW_SECONDS });
      this.#hasIndexes = true;
    }
    await this.#client.db().command({ ping: 1 }, { timeoutMS: 1_500 });
  }

  async createUser(email: string, passwordHash: string, signupKey: string | null) {
    const user = { _id: new ObjectId(), email, passwordHash, signupKey, createdAt: new Date() };
    try {
      await this.#users.insertOne(user);
    } catch (error) {
      if (isDuplicate(error)) return null;
      return rethrow(error);
    }
    return { id: user._id.toHexString(), email, passwordHash, signupKey };
  }

  async findUser(email: string): Promise<User | null> {
    const found = await this.#users.findOne({ email }).catch(rethrow);
    if (!found) return null;
    const { _id, passwordHash, signupKey } = found;
    return { id: _id.toHexString(), email, passwordHash, signupKey };
  }

  async notes(userId: string, { limit, before }: Page) {
    if (before !== null && !ID.test(before)) return [];
    const older = before === null ? {} : { _id: { $lt: new ObjectId(before) } };
    const found = this.#notes
      .find({ userId: new ObjectId(userId), ...older })
      .sort({ _id: -1 })
      .limit(limit ?? 0);
    return (await found.toArray().catch(rethrow)).map(toNote);
  }

  async note(userId: string, id: string) {
    const which = named(userId, id);
    const found = which && (await this.#notes.findOne(which).catch(rethrow));
    return found ? toNote(found) : null;
  }

  async createNote(userId: string, text: string, once: Once | null): Promise<Created> {
    if (!once) return { note: await this.#insert(userId, text, undefined).catch(rethrow) };
    const _id = { userId: new ObjectId(userId), key: once.key };
    try {
      const note = await this.#client.withSession((session) =>
        session.withTransaction(async () => {
          const answer = await this.#insert(userId, text, session);
          const { requestHash } = once;
          const key = { _id, requestHash, answer, createdAt: new Date() };
          await this.#keys.insertOne(key, { session });
          return answer;
        }),
      );
      return { note };
    } catch (error) {
      if (!isDuplicate(error)) return rethrow(error);
      const earlier = await this.#keys.findOne({ _id }).catch(rethrow);
      return earlier?.requestHash === once.requestHash ? { note: earlier.answer } : 'reused';
    }
  }

  async updateNote(userId: string, id: string, text: string) {
    const which = named(userId, id);
    const change = { $set: { text, updatedAt: new Date() } };
    const options = { returnDocument: 'after' } as const;
    const changed =
      which && (await this.#notes.findOneAndUpdate(which, change, options).catch(rethrow));
    return changed ? toNote(changed) : null;
  }

  async deleteNote(userId: string, id: string) {
    const which = named(userId, id);
    const result = which && (await this.#notes.deleteOne(which).catch(rethrow));
    return result?.deletedCount === 1;
  }

  async loginFailures(keys: readonly string[]) {
    const since = { $gt: new Date(Date.now() - LOGIN_WINDOW_SECONDS * 1000) };
    const found = this.#failures.find({ _id: { $in: [...keys] }, since });
    const counts = (await found.toArray().catch(rethrow)).map(({ count }) => count);
    return Math.max(0, ...counts);
  }

  async countLoginFailure(keys: readonly string[]) {
    const writes = keys.map((_id) => {
      const update = { $inc: { count: 1 }, $setOnInsert: { since: new Date() } };
      return { updateOne: { filter: { _id }, update, upsert: true } };
    });
    await this.#failures.bulkWrite(writes, { ordered: false }).catch(rethrow);
  }

  async close() {
    await this.#client.close();
  }

  async #insert(userId: string, text: string, session: ClientSession | undefined): Promise<Note> {
    const now = new Date();
    const note = { _id: newId(now), userId: new ObjectId(userId), text };
    const document = { ...note, createdAt: now, updatedAt: now };
    await this.#notes.insertOne(document, session ? { session } : {});
    return toNote(document);
  }
}

/**
 * Ids in the order of time, to the millisecond and whichever replica made them: the driver's own
 * are in order only within one process, and pages go by them.
 */
function newId(at: Date): ObjectId {
  const bytes = randomBytes(12);
  bytes.writeUInt32BE(Math.floor(at.getTime() / 1000), 0);
  bytes.writeUInt16BE(at.getMilliseconds(), 4);
  return new ObjectId(bytes);
}

function named(userId: string, id: string) {
  return ID.test(id) ? { _id: new ObjectId(id), userId: new ObjectId(userId) } : null;
}

function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE;
}

function rethrow(error: unknown): never {
  const over =
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    (error instanceof MongoServerError &&
      (error.code === WRITES_BLOCKED || error.hasErrorLabel('RetryableWriteError')));
  throw over ? new StoreUnavailable(error) : error;
}

function toNote({ _id, text, updatedAt }: NoteDocument & { _id: ObjectId }): Note {
  return { id: _id.toHexString(), text, updatedAt: updatedAt.toISOString() };
}
