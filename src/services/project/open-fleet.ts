import { UsageError } from '../../errors.ts';
import type { Edge } from '../../ports/edge.ts';
import type { Fleet } from '../../ports/fleet.ts';
import { openLab } from '../lab/client.ts';
import type { Limits } from '../rollout/prepare.ts';
import type { Project } from './project.ts';

/** Where a project's web replicas run, and what sends requests to them. */
export interface ProjectFleet {
  edge: Edge;
  fleet: Fleet;
  limits: Limits;
  close(): Promise<void>;
}

const HEALTHY_SECONDS = 120;
const LAB_WATCH_SECONDS = 5;

/** Null where the project has no replicas that PortSync could roll out. */
export async function openFleet(project: Project): Promise<ProjectFleet | null> {
  const lab = await openLab(project.dir);
  if (!lab) return null;
  const { edge, fleet } = lab;
  return { edge, fleet, limits: limitsOf(project, LAB_WATCH_SECONDS), close: () => lab.close() };
}

/** @throws UsageError `no-fleet`. */
export async function mustOpenFleet(project: Project): Promise<ProjectFleet> {
  const parts = await openFleet(project);
  if (parts) return parts;
  throw new UsageError({
    code: 'no-fleet',
    message: `No running replicas of ${project.name} were found.`,
    why: 'Neither a lab nor a balancer of PortSync runs for this project directory.',
    next: 'portsync lab starts one to try it.',
  });
}

function limitsOf({ settings }: Project, watchSeconds: number): Limits {
  const { rollout } = settings;
  return {
    healthyMs: (rollout?.healthySeconds ?? HEALTHY_SECONDS) * 1000,
    watchMs: (rollout?.watchSeconds ?? watchSeconds) * 1000,
  };
}
