import pg from 'pg';

/** A string as SQL takes it, where parameters cannot be used. */
export function literal(text: string): string {
  return pg.escapeLiteral(text);
}
