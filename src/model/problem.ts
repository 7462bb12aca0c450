/** A failure as the user reads it: what happened, why, and what to do next. */
export interface Problem {
  /** Stable, kebab-case; scripts match on it. */
  code: string;
  message: string;
  why: string | null;
  next: string | null;
}
