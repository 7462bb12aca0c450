import { type Compose, record } from './compose.ts';
import { LABELS, type Stack, type WebColour, webStack } from './stack.ts';
import { literal } from './swarm-service.ts';

/** The service of the release command, there while it runs. */
export const RELEASE = 'web-release';

/** The one container of the release command: a replica of `web` in all but its command and its name. */
export function releaseStack(
  compose: Compose,
  service: string,
  web: WebColour,
  command: readonly string[],
): Stack {
  const stack = webStack(compose, service, { ...web, replicas: 1 });
  const { labels, deploy, ...replica } = stack.services[`web-${web.colour}`] ?? {};
  const { resources, placement } = record({ deploy }, 'deploy');
  return {
    ...stack,
    services: {
      [RELEASE]: {
        ...replica,
        command: command.map(literal),
        healthcheck: { disable: true },
        labels: { [LABELS.start]: web.start, [LABELS.image]: web.image },
        deploy: {
          endpoint_mode: 'dnsrr',
          replicas: 1,
          // Once is once, whatever it ends with.
          restart_policy: { condition: 'none' },
          resources,
          placement,
        },
      },
    },
  };
}
