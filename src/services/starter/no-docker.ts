import { ExternalError } from '../../errors.ts';

/** `no-engine`, for somebody who sets up a machine. */
export function noDocker(cause: Error): ExternalError {
  return new ExternalError({
    code: 'no-engine',
    message: 'There is no Docker engine on this machine.',
    why: 'PortSync runs the app, its database and the load balancer in containers.',
    next: 'Install it: curl -fsSL https://get.docker.com | sudo sh, or on Debian and Ubuntu: sudo apt-get install docker.io. Then run portsync up again.',
    cause,
  });
}
