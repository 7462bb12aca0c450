import { ExternalError } from '../../errors.ts';
import { tooOld } from './errors.ts';

/** 1.41, of Docker 20.10, brought one look at the figures of a container without a stream. */
const OLDEST_MINOR = 41;

/**
 * What GET /version answered, if PortSync can work with it.
 * @throws ExternalError `engine-too-old`, `not-an-engine`
 */
export function checkedVersion(
  version: string | undefined,
  api: string | undefined,
  where: string,
): string {
  const minor = /^1\.(\d+)$/.exec(api ?? '')?.[1];
  if (version === undefined || minor === undefined) {
    throw new ExternalError({
      code: 'not-an-engine',
      message: `What answers at ${where} is not a Docker engine.`,
      why: 'It does not know the Docker Engine API.',
      next: 'Check the host and the port in DOCKER_HOST or the docker context.',
    });
  }
  if (Number(minor) >= OLDEST_MINOR) return version;
  throw tooOld(where, `It is Docker ${version}, API ${api}.`);
}
