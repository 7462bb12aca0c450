/** One thing that was checked, and how it stands. */
export interface Finding {
  /** Stable, kebab-case; scripts match on it. */
  id: string;
  severity: 'ok' | 'warning' | 'blocker';
  /** What it is about: a key, a table, a file. */
  object: string;
  message: string;
  why: string | null;
  /** What to do about it; null where there is nothing to do. */
  cure: string | null;
}

export function warning(
  id: string,
  object: string,
  rest: Pick<Finding, 'message' | 'why' | 'cure'>,
): Finding {
  return { id, severity: 'warning', object, ...rest };
}

/** Nothing goes on until this is cured. */
export function blocker(
  id: string,
  object: string,
  rest: Pick<Finding, 'message' | 'why' | 'cure'>,
): Finding {
  return { id, severity: 'blocker', object, ...rest };
}

/** Was checked, and is well. */
export function fine(id: string, object: string, message: string): Finding {
  return { id, severity: 'ok', object, message, why: null, cure: null };
}
