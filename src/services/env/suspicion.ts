const SECRET =
  /(SECRET|PASSWORD|PASSWD|PASSPHRASE|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|SALT)/i;
const NOT_SECRET =
  /(PUBLIC|PUBLISHABLE|_URL|_FILE|_PATH|_TTL|_EXPIRY|_EXPIRES|_NAME|_ID)$|^NEXT_PUBLIC_/i;
const PLACEHOLDER =
  /^(change[-_ ]?me|changeit|replace[-_ ]?me|todo|fixme|tbd|none|null|undefined|secret|password|passw0rd|test|example|dummy|placeholder|default|admin|root|postgres|qwerty|letmein|12345\d*|foo|bar)!?$/i;
const TEMPLATE =
  /^<.*>$|^\[.*\]$|^\{\{.*\}\}$|^(x{3,}|\*{3,}|\.{3,}|-{3,})$|\b(your|my)[-_ ].*(key|secret|token|password|here)\b|change[-_ ]?me|replace[-_ ]?(me|this)|insert[-_ ].*here/i;

export function looksSecret(key: string): boolean {
  return SECRET.test(key) && !NOT_SECRET.test(key);
}

/** The text that an example file has where a secret belongs. */
export function looksLikePlaceholder(value: string): boolean {
  const text = value.trim();
  return PLACEHOLDER.test(text) || TEMPLATE.test(text);
}

/** A user and a password in a URL that are both the server's well-known ones. */
export function urlPassword(value: string): string | null {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^:/@\s]*:([^@\s]*)@/i.exec(value);
  return match?.[1] ?? null;
}
