export interface User {
  id: string;
  email: string;
  passwordHash: string;
  /** The Idempotency-Key that it signed up with. */
  signupKey: string | null;
}

export interface Note {
  id: string;
  text: string;
  /** ISO 8601. */
  updatedAt: string;
}

export interface Page {
  /** Null for all. */
  limit: number | null;
  /** Only notes made before this one. */
  before: string | null;
}

/** A POST that may come again: the key that its client chose, and a hash of what it asked for. */
export interface Once {
  key: string;
  requestHash: string;
}

/** `reused`: the key was used for another request. */
export type Created = { note: Note } | 'reused';

/** Failed logins are forgotten after this. They are counted here, since replicas share nothing else. */
export const LOGIN_WINDOW_SECONDS = 900;

/** What the app keeps. Ids that are none of this store's are simply not found. */
export interface Store {
  /** Creates what is missing and asks the database for a sign of life. */
  ready(): Promise<void>;
  /** Null when the address is taken. */
  createUser(email: string, passwordHash: string, signupKey: string | null): Promise<User | null>;
  findUser(email: string): Promise<User | null>;
  /** Newest first. */
  notes(userId: string, page: Page): Promise<Note[]>;
  note(userId: string, id: string): Promise<Note | null>;
  createNote(userId: string, text: string, once: Once | null): Promise<Created>;
  updateNote(userId: string, id: string, text: string): Promise<Note | null>;
  deleteNote(userId: string, id: string): Promise<boolean>;
  /** The most failures that any of `keys` has had within the last `LOGIN_WINDOW_SECONDS`. */
  loginFailures(keys: readonly string[]): Promise<number>;
  countLoginFailure(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The database did not take the request; it may be sent again. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
