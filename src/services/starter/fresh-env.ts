import { randomBytes } from 'node:crypto';
import type { DatabaseKind } from '../../model/database.ts';

/** Without characters that a URL, a shell or a reader of .env files would take for something else. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * The keys of a .env that the template's compose file needs and that `given` lacks, with values made
 * by `secret`. Where the database is elsewhere, its URL is asked of a person.
 */
export function missingEnv(
  database: DatabaseKind | null,
  given: ReadonlyMap<string, string>,
  secret: () => string = newSecret,
): Map<string, string> {
  const all = new Map<string, string>([['JWT_SECRET', secret()]]);
  if (database === 'postgres') {
    const password = given.get('POSTGRES_PASSWORD') ?? secret();
    const user = given.get('POSTGRES_USER') ?? 'app';
    const name = given.get('POSTGRES_DB') ?? 'app';
    all.set('POSTGRES_PASSWORD', password);
    all.set('DATABASE_URL', `postgres://${user}:${encodeURIComponent(password)}@db:5432/${name}`);
  }
  if (database === 'mongo') {
    const password = given.get('MONGO_PASSWORD') ?? secret();
    const user = given.get('MONGO_USER') ?? 'app';
    all.set('MONGO_PASSWORD', password);
    const url = `mongodb://${user}:${encodeURIComponent(password)}@db:27017/app?authSource=admin`;
    all.set('DATABASE_URL', url);
  }
  return new Map([...all].filter(([key]) => !given.get(key)));
}
