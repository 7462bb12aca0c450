import type { Db, Document } from 'mongodb';
import { ObjectId } from 'mongodb';

/** Sizes that make some 20 MB in about a second. */
const USERS = 2_000;
const NOTES = 8_000;
const COMMENTS = 12_000;
const EVENTS = 30_000;
const BATCH = 5_000;

const WORDS =
  'harbour lantern invoice maple quarter signal garden copper meeting draft window river budget ' +
  'ticket summer engine paper orbit choir sketch valley release bridge coffee market train island';
const words = WORDS.split(' ');

/** Fills an empty database. Nobody knows the password behind `passwordHash`. */
export async function fillMongo(db: Db, passwordHash: string): Promise<void> {
  const now = Date.now();
  const users = ids(USERS);
  const notes = ids(NOTES);
  const ago = (minutes: number) => new Date(now - minutes * 60_000);
  await db.createCollection('teams', { validator: { $jsonSchema: TEAM } });
  await Promise.all([
    fill(db, 'users', USERS, (n) => ({
      _id: users[n],
      email: `person${n}@example.org`,
      passwordHash,
      signupKey: null,
      createdAt: ago(n * 240),
    })),
    fill(db, 'notes', NOTES, (n) => {
      const createdAt = ago((NOTES - n) * 40);
      const [_id, userId] = [notes[n], one(users)];
      return { _id, userId, text: sentence(14), createdAt, updatedAt: createdAt };
    }),
    fill(db, 'comments', COMMENTS, () => ({
      noteId: one(notes),
      author: { id: one(users), name: one(words) },
      body: sentence(9),
    })),
    fill(db, 'events', EVENTS, (n) => ({
      at: ago((EVENTS - n) * 10),
      kind: one(['viewed', 'edited', 'shared', 'logged-in']),
      payload: { user: one(users), note: one(notes), ms: n % 900, tags: [one(words), one(words)] },
    })),
    fill(db, 'teams', 120, (n) => ({ name: sentence(2), seats: 3 + (n % 40), plan: 'team' })),
  ]);
  await Promise.all([
    db.collection('users').createIndex({ email: 1 }, { unique: true }),
    db.collection('notes').createIndex({ userId: 1, _id: -1 }),
    db.collection('comments').createIndex({ noteId: 1 }),
    db.collection('events').createIndex({ kind: 1, at: -1 }),
    db.collection('events').createIndex({ 'payload.tags': 1 }),
  ]);
}

const TEAM = {
  bsonType: 'object',
  required: ['name', 'seats'],
  properties: { seats: { bsonType: 'int', minimum: 1 }, name: { bsonType: 'string' } },
};

async function fill(db: Db, name: string, count: number, row: (n: number) => Document) {
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const rows = Array.from({ length: size }, (_, at) => row(from + at));
    await db.collection(name).insertMany(rows, { ordered: false });
  }
}

function ids(count: number): ObjectId[] {
  return Array.from({ length: count }, () => new ObjectId());
}

function one<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T;
}

function sentence(length: number): string {
  return Array.from({ length }, () => one(words)).join(' ');
}
