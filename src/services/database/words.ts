import { ExternalError, UsageError } from '../../errors.ts';
import { oneLine } from './text.ts';

/** A failure of a database, as it is told whichever database it was. */
export interface Words {
  code: string;
  message: (where: string) => string;
  /** Null: the server's own words say it best. */
  why: string | null;
  next: string;
}

export function tell({ code, message, why, next }: Words, where: string, cause: unknown) {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new ExternalError({
    code,
    message: message(where),
    why: why ?? oneLine(said),
    next,
    cause,
  });
}

/** What no table knows; `reason` is the server's number for it. */
export function tellUnknown(reason: string, where: string, cause: unknown): ExternalError {
  const words: Words = {
    code: 'database-error',
    message: (place) => `The server at ${place} answered with an error${reason && ` (${reason})`}.`,
    why: null,
    next: 'Look at the log of the server.',
  };
  return tell(words, where, cause);
}

/** A certificate that the URL names could not be read, or does not go with the rest of it. */
export function unusableTls(cause: unknown): UsageError {
  return new UsageError({
    code: 'database-url',
    message: 'The TLS settings in the database URL could not be used.',
    why: 'A file that they name could not be read, or one of them needs another beside it.',
    next: 'Check sslmode, sslrootcert, sslcert and sslkey (PostgreSQL) or tlsCAFile and tlsCertificateKeyFile (MongoDB).',
    cause,
  });
}
