import { UsageError } from '../../errors.ts';

/** A line of a .env or a shell, or a provider's `psql '…'`, around the URL that is meant. */
const AROUND =
  /^(?:export\s+)?(?:[A-Za-z_]\w*\s*=\s*)?(?:psql\s+)?(?=["'`<]?(?:postgres|mongodb))/i;
const QUOTES = /^(["'`])(.*)\1;?$|^<(.*)>$/s;
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff]/g;
/** libpq's conninfo: keyword=value, the value in single quotes where it holds spaces. */
const SETTING = /\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']*)/gy;

/**
 * The URL in what somebody pasted, ready for `describeTarget`.
 * @throws UsageError (`database-url`) with the form it should have; no part of a secret is in it
 */
export function pastedUrl(text: string): string {
  const bare = text.replace(INVISIBLE, '').trim().replace(AROUND, '');
  const quoted = QUOTES.exec(bare);
  // A terminal or a mail breaks long lines; a URL holds no line break.
  const url = (quoted?.[2] ?? quoted?.[3] ?? bare).trim().replace(/[\r\n]+\s*/g, '');
  if (/^jdbc:/i.test(url)) throw notUrl('It is a URL of JDBC.', fromJdbc(url));
  const settings = conninfo(url);
  if (settings) throw notUrl('It is a list of settings (key=value).', fromSettings(settings));
  return url;
}

function conninfo(text: string): Map<string, string> | null {
  const found = new Map<string, string>();
  SETTING.lastIndex = 0;
  let end = 0;
  for (let match = SETTING.exec(text); match; match = SETTING.exec(text)) {
    const value = match[2] ?? '';
    const plain = value.startsWith("'") ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
    found.set((match[1] ?? '').toLowerCase(), plain);
    end = SETTING.lastIndex;
  }
  return found.size > 0 && text.slice(end).trim() === '' ? found : null;
}

function fromSettings(settings: ReadonlyMap<string, string>): string {
  return rewritten({
    user: settings.get('user'),
    host: settings.get('host') ?? settings.get('hostaddr'),
    port: settings.get('port'),
    name: settings.get('dbname'),
    sslmode: settings.get('sslmode'),
  });
}

function fromJdbc(url: string): string {
  const match = /^jdbc:postgresql:\/\/([\w.-]+)(?::(\d+))?\/([\w.-]+)(?:\?(.*))?$/i.exec(url);
  const params = new URLSearchParams(match?.[4] ?? '');
  return rewritten({
    user: params.get('user') ?? undefined,
    host: match?.[1],
    port: match?.[2],
    name: match?.[3],
    sslmode: params.get('sslmode') ?? undefined,
  });
}

type Piece = 'user' | 'host' | 'port' | 'name' | 'sslmode';

/** Only pieces that can be no secret by their form: a password with a space in it spills into others. */
function rewritten(pieces: Record<Piece, string | undefined>): string {
  const word = (piece: Piece) =>
    /^[\w.:-]+$/.test(pieces[piece] ?? '') ? pieces[piece] : undefined;
  const host = word('host') ?? 'HOST';
  const mode = word('sslmode');
  return `postgres://${word('user') ?? 'USER'}:PASSWORD@${host.includes(':') ? `[${host}]` : host}:${word('port') ?? 5432}/${word('name') ?? 'NAME'}${mode ? `?sslmode=${mode}` : ''}`;
}

function notUrl(why: string, form: string): UsageError {
  return new UsageError({
    code: 'database-url',
    message: 'The database URL could not be read.',
    why,
    next: `Write it as ${form}, with the special characters of the password percent-encoded.`,
  });
}
