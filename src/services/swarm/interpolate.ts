const REFERENCE =
  /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?)([-+?])((?:[^{}]|\{[^{}]*\})*))?\})/g;

export type ValueOf = (name: string) => string | undefined;

/** As for `docker stack deploy`: this process's own environment comes before the .env. */
export function valuesFrom(env: ReadonlyMap<string, string>): ValueOf {
  return (name) => process.env[name] ?? env.get(name);
}

/** `$NAME`, `${NAME:-default}` and their like, as `docker compose` reads them. */
export function interpolate(text: string, read: ValueOf): string {
  return text.replace(REFERENCE, (_, dollar, bare, braced, colon, operator, word = '') => {
    if (dollar) return '$';
    const value = read(bare ?? braced);
    const given = value !== undefined && (value !== '' || colon !== ':');
    if (operator === '+') return given ? interpolate(word, read) : '';
    if (operator === '-' && !given) return interpolate(word, read);
    return value ?? '';
  });
}

/** The same in every text of a YAML value. */
export function interpolated<T>(value: T, read: ValueOf): T {
  if (typeof value === 'string') return interpolate(value, read) as T;
  if (Array.isArray(value)) return value.map((each) => interpolated(each, read)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, interpolated(each, read)]);
  return Object.fromEntries(entries) as T;
}

/** Where there is no .env to look at. */
export function withDefaults<T>(value: T): T {
  return interpolated(value, () => undefined);
}
