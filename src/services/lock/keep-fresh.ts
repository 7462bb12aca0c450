import { lutimes } from 'node:fs/promises';

const TOUCH_MS = 20_000;

/**
 * Tells those who cannot look whether we live, such as another container, that we do.
 * @param lost is told when the lock is gone, with its directory or by somebody's hand
 */
export async function keepFresh<T>(
  lockPath: string,
  work: () => Promise<T>,
  lost: () => void = () => {},
): Promise<T> {
  const touch = () =>
    lutimes(lockPath, new Date(), new Date()).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') lost();
    });
  const timer = setInterval(() => void touch(), TOUCH_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
