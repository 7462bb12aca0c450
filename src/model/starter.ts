import type { DatabaseKind } from './database.ts';
import type { Operation } from './job.ts';

/** What someone wants of a new project, as a form takes it: every text may be empty. */
export interface SetupWish {
  dir: string;
  source: 'starter' | 'image' | 'dockerfile';
  /** Where `source` is `image`. */
  image: string;
  /** `none`: it is elsewhere, and DATABASE_URL says where. */
  database: DatabaseKind | 'none';
  domain: string;
  /** A file that holds certificate, chain and key: serves HTTPS. */
  certificate: string;
}

/** One line of what setting up does; `sign`: written, added to, left out, refused. */
export interface SetupLine {
  sign: '+' | '~' | '!' | '✖' | ' ';
  text: string;
}

/** What setting up would do; nothing was changed, and no secret is in it. */
export interface SetupPlan {
  dir: string;
  lines: readonly SetupLine[];
  outcome: 'write' | 'nothing' | 'refused';
}

/** Starting everything, or ending it. */
export interface StackPlan {
  app: string;
  /** Empty where there is nothing to do. */
  steps: readonly Operation[];
  /** Where the app is, or will be, reached. */
  address: string;
  /** Volumes of the app that are there. */
  volumes: readonly string[];
}

/** How it goes on: a step, or a line of what is being done in it. */
export type StackNews =
  | { id: string; state: 'doing' | 'done' | 'failed'; ms: number }
  | { line: string };
