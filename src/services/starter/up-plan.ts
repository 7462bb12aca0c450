import { bytes } from '../../components/format.ts';
import type { Operation } from '../../model/job.ts';
import type { UpFacts } from './up-facts.ts';

export type UpStep = 'swarm' | 'dirs' | 'edge-files' | 'image' | 'services' | 'ready' | 'web';

export interface UpOperation extends Operation {
  id: UpStep;
}

/** Everything `portsync up` does, in order; empty where all is as it is to be. */
export function planUp(facts: UpFacts): UpOperation[] {
  const { swarm, dirs, edgeFiles, services, web } = facts;
  const open = services.filter(({ standing }) => standing !== 'same');
  const plan: UpOperation[] = [];
  const add = (id: UpStep, words: string) => plan.push({ id, words });
  if (!swarm) add('swarm', 'make a Docker swarm of this machine alone, reachable by nobody else');
  if (dirs.length > 0) add('dirs', `make ${dirs.join(', ')}, which services mount`);
  if (edgeFiles) add('edge-files', 'write the load balancer’s settings');
  if (web.standing !== 'same' && web.image !== null && web.from !== 'here') {
    add('image', web.from === 'build' ? `build ${web.image}` : `fetch ${web.image}`);
  }
  if (open.length > 0) {
    const words = open.map(({ name, standing, memoryBytes }) => {
      const doing = standing === 'missing' ? 'start' : 'replace';
      return `${doing} ${name}${memoryBytes === null ? '' : `, at most ${bytes(memoryBytes)}`}`;
    });
    add('services', words.join('; '));
  }
  if (open.length > 0 || edgeFiles) add('ready', 'wait until each of them runs and is healthy');
  if (web.standing !== 'same') add('web', webWords(web));
  return plan;
}

function webWords({ standing, image, replicas, memoryBytes }: UpFacts['web']): string {
  const count = replicas === 1 ? '1 web replica' : `${replicas} web replicas`;
  const what = image === null ? 'with the image that runs now' : `of ${image}`;
  const limit = `at most ${bytes(memoryBytes)} each`;
  const how = standing === 'missing' ? 'start' : 'roll out, without downtime:';
  return `${how} ${count} ${what}, ${limit}`;
}
