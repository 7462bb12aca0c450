import pg from 'pg';

const SHOWN = 6;
const CURED = 50;

/** `notes, events and 3 more` */
export function some(names: readonly string[], most = SHOWN): string {
  const more = names.length - most;
  if (more > 0) return `${names.slice(0, most).join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** One statement for each, a line each; at the end a word about those that are left out. */
export function statements<T>(items: readonly T[], write: (item: T) => string): string {
  const lines = items.slice(0, CURED).map(write);
  if (items.length > CURED) lines.push(`-- and so on for ${items.length - CURED} more`);
  return lines.join('\n');
}

/** As SQL takes it: in quotes, since any name may be a word of SQL as well. */
export const identifier = pg.escapeIdentifier;
