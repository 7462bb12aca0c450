import { StoreUnavailable } from './store.ts';

/** An answer that is no success, thrown from wherever it is found out. */
export class AppError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What to answer; anything unforeseen is logged and kept from the client. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  console.error(error);
  if (error instanceof StoreUnavailable) {
    return new AppError(503, 'database', 'The database did not take the request; try again.');
  }
  return new AppError(500, 'failed', 'The request failed; the log of the replica says why.');
}
