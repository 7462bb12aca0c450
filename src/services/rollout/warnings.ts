import type { EnvWrite } from './env-write.ts';

const DATABASE_KEYS = new Set(['DATABASE_URL', 'MONGODB_URI', 'MONGO_URL']);

/** What a change of the .env does that its list of keys does not tell. */
export function warningsOf(env: Pick<EnvWrite, 'changes'> | null): string[] {
  const keys = env?.changes.map(({ key }) => key) ?? [];
  const built = env?.changes.filter(({ rebuild }) => rebuild).map(({ key }) => key) ?? [];
  const databases = keys.filter((key) => DATABASE_KEYS.has(key));
  return [
    ...(built.length > 0
      ? [
          `${built.join(', ')}: Next.js writes these into the app when it is built; they need a new image.`,
        ]
      : []),
    ...databases.map(
      (key) =>
        `${key}: the app will use another database. No data is moved; portsync migrate does that.`,
    ),
  ];
}
