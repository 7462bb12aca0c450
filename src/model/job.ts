import type { Problem } from './problem.ts';

/** One step of a plan, in words for people. */
export interface Operation {
  /** Unique in its plan; stable, kebab-case; scripts match on it. */
  id: string;
  words: string;
}

/** `undone`: as if it had not been begun. `failed`: neither done nor undone, somebody has to look. */
export type Outcome = 'done' | 'undone' | 'failed';

/** What a later start has to know to finish or undo a job; never secrets. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

export interface OperationRecord {
  id: string;
  state: 'doing' | 'done' | 'failed';
  at: string;
  problem: Pick<Problem, 'code' | 'message'> | null;
}

/** One change as its journal tells it. */
export interface Job {
  /** Its file's name without the ending: the time it began, and its kind. */
  id: string;
  /** `deploy`, `rollback`, `env`, … */
  kind: string;
  /** One line, without secrets. */
  what: string;
  /** ISO 8601 UTC. */
  at: string;
  author: string;
  host: string;
  /** The process that does it, as `Holder` writes it. */
  owner: string;
  plan: Operation[];
  facts: Facts;
  /** In the order they began. */
  operations: OperationRecord[];
  /** Null while it is under way, and after a death. */
  outcome: Outcome | null;
}
