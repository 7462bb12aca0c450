import { required } from './env.ts';
import type { Store } from './store.ts';

let store: Promise<Store> | null = null;

/** The one store of this replica, by the scheme of DATABASE_URL. */
export function database(): Promise<Store> {
  store ??= open(required('DATABASE_URL'));
  return store;
}

async function open(url: string): Promise<Store> {
  if (/^mongodb(\+srv)?:/.test(url)) {
    const { MongoStore } = await import('./mongo-store.ts');
    return new MongoStore(url);
  }
  const { PostgresStore } = await import('./postgres-store.ts');
  return new PostgresStore(url, (error) => console.error(`database: ${error.message}`));
}
