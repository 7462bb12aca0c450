import { scan, type Token } from './sql-scan.ts';

/** One object of a dump, as pg_dump's table of contents names it. */
export interface DumpEntry {
  /** `TABLE`, `FK CONSTRAINT`, `ACL`, …: pg_dump's own words. */
  kind: string;
  /** For a person: `public.notes`; pg_dump writes a line break in it as a space. */
  name: string;
  /** One or several statements. */
  sql: string;
}

const HEADER = /^-- Name: (.*); Type: ([A-Z][A-Z ]*); Schema: (.*?); Owner:/;
const END = /^-- PostgreSQL database dump complete/;
// pg_dump changes these between two objects, so the change stands at the end of the one before.
const STICKY = /(?:\n\s*SET default_(?:tablespace|table_access_method) = [^;\n]*;)+\s*$/;

/**
 * Reads what `pg_dump --schema-only` wrote as text. The settings before the first object are left
 * out, and so are the commands for psql (`\restrict`), which stand there and at the end.
 */
export function parseDump(text: string): DumpEntry[] {
  const entries: DumpEntry[] = [];
  let open: { entry: DumpEntry; from: number } | null = null;
  const close = (to: number) => {
    if (open) entries.push({ ...open.entry, sql: trimmed(text.slice(open.from, to)) });
    open = null;
  };
  for (const token of scan(text)) {
    const header = token.kind === 'comment' ? headerOf(text, token) : null;
    if (!header) continue;
    close(token.start);
    if (header !== 'end') open = { entry: header, from: token.end };
  }
  close(text.length);
  return entries.filter(({ sql }) => sql !== '');
}

/** What the same text within quotes cannot be: the scanner gives a literal as one token. */
function headerOf(text: string, { start, end }: Token): DumpEntry | 'end' | null {
  const line = text.slice(start, end);
  if (END.test(line)) return 'end';
  const found = HEADER.exec(line);
  if (!found) return null;
  const [, name = '', kind = '', schema = ''] = found;
  return { kind, name: schema === '-' ? name : `${schema}.${name}`, sql: '' };
}

/** Without the empty comment lines that frame a header. */
function trimmed(sql: string): string {
  return sql
    .replace(/^\s*--[ \t]*\n/, '')
    .replace(/\n--\s*$/, '')
    .replace(STICKY, '')
    .trim();
}
