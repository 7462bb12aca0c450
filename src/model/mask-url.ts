const DOTS = '••••';

/** What a person may have copied around the connection string: `psql '…'`, `DATABASE_URL="…"`. */
const CONNECTION_STRING = /(?:postgres(?:ql)?|mongodb(?:\+srv)?):\/\/[^\s'"`]+/i;

/** Nothing secret has been typed while the text is still one of these. */
const SCHEMES = ['postgres://', 'postgresql://', 'mongodb://', 'mongodb+srv://'];

/** Options whose values are shown: everything else behind the `?` might hold a password. */
const HARMLESS =
  /^(?:sslmode|ssl|tls|channel_binding|target_session_attrs|application_name|appName|authSource|authMechanism|replicaSet|retryWrites|w|directConnection|connect_timeout)$/i;

/** The connection string in what was pasted; the text as it is where none is in it. */
export function connectionStringIn(pasted: string): string {
  return CONNECTION_STRING.exec(pasted)?.[0] ?? pasted.trim();
}

/**
 * What may be shown of a connection string while it is being typed: `postgres://app:••••@host:5432/app`.
 * It need not be complete or right, and in doubt is hidden. `at` is a place in `text`; the answer's is
 * the same place in what is shown. Counted in UTF-16 units.
 */
export function maskUrl(text: string, at = text.length): { text: string; at: number } {
  let shown = '';
  let place = at;
  let from = 0;
  for (const hidden of hiddenIn(text)) {
    shown += text.slice(from, hidden.from) + DOTS;
    if (at >= hidden.to) place += DOTS.length - (hidden.to - hidden.from);
    else if (at > hidden.from) place = shown.length;
    from = hidden.to;
  }
  return { text: shown + text.slice(from), at: place };
}

/** Without scheme and login, for titles: `host:5432/app`. */
export function placeIn(masked: string): string {
  return masked.replace(/^.*:\/\/(?:.*@)?/, '');
}

interface Hidden {
  from: number;
  to: number;
}

/** In the order of the text, never empty. */
function hiddenIn(text: string): Hidden[] {
  const scheme = SCHEMES.find((each) => text.toLowerCase().startsWith(each));
  if (!scheme) {
    const begun = SCHEMES.some((each) => each.startsWith(text.toLowerCase()));
    return begun ? [] : [{ from: 0, to: text.length }];
  }
  // A password may hold any sign, even an @: it goes up to the last one there is by now, or on to the
  // end while there is none.
  const start = scheme.length;
  const login = text.lastIndexOf('@');
  const end = login < start ? text.length : login;
  const colon = text.indexOf(':', start);
  const password = colon >= 0 && colon + 1 < end ? [{ from: colon + 1, to: end }] : [];
  const hidden = password[0];
  if (hidden?.to === text.length) return password;
  return [...password, ...options(text, hidden?.to ?? start)];
}

function options(text: string, from: number): Hidden[] {
  const query = text.indexOf('?', from);
  if (query < 0) return [];
  const found = [...text.slice(query).matchAll(/[?&]([^=&]*)=([^&]+)/g)];
  return found.flatMap((option) => {
    const [all, name = '', value = ''] = option;
    if (HARMLESS.test(name)) return [];
    const to = query + option.index + all.length;
    return [{ from: to - value.length, to }];
  });
}
