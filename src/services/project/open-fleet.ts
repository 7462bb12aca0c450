import { UsageError } from '../../errors.ts';
import type { Edge } from '../../ports/edge.ts';
import type { Fleet } from '../../ports/fleet.ts';
import { openLab } from '../lab/client.ts';
import type { Limits } from '../rollout/prepare.ts';
import { openStage } from '../starter/stage.ts';
import type { Project } from './project.ts';

/** Where a project's web replicas run, and what sends requests to them. */
export interface ProjectFleet {
  edge: Edge;
  fleet: Fleet;
  limits: Limits;
  /** What a plan should say of this fleet. */
  remarks?: readonly string[];
  close(): Promise<void>;
}

const HEALTHY_SECONDS = 120;
/** An image may leak, or wait for a timer, before it crashes; an environment fails at once or never. */
const WATCH_SECONDS = { sameImage: 15, newImage: 75 };
const LAB_WATCH_SECONDS = 5;
const CALL_LIMIT_MS = 10_000;
const NOTHING_HERE = ['no-engine', 'no-swarm'];

/** Null where the project has no replicas that PortSync could roll out. */
export async function openFleet(project: Project): Promise<ProjectFleet | null> {
  const lab = await openLab(project.dir);
  if (!lab) return swarmFleet(project);
  const { edge, fleet } = lab;
  const { release } = project.settings.rollout ?? {};
  return {
    edge,
    fleet,
    limits: limitsOf(project, { sameImage: LAB_WATCH_SECONDS, newImage: LAB_WATCH_SECONDS }),
    remarks: release === undefined ? [] : ['The release command is not run in a lab.'],
    close: () => lab.close(),
  };
}

/** The services that `portsync up` started; null where it did not yet. */
async function swarmFleet(project: Project): Promise<ProjectFleet | null> {
  const stage = await openStage(project);
  if (!stage) return null;
  const { edge, fleet, close } = stage;
  const there = await fleet.exists(AbortSignal.timeout(CALL_LIMIT_MS)).catch((error) => {
    close();
    if (NOTHING_HERE.includes(error.code)) return false;
    throw error;
  });
  if (there) return { edge, fleet, limits: limitsOf(project), close: async () => close() };
  close();
  return null;
}

/** @throws UsageError `no-fleet`. */
export async function mustOpenFleet(project: Project): Promise<ProjectFleet> {
  const parts = await openFleet(project);
  if (parts) return parts;
  throw new UsageError({
    code: 'no-fleet',
    message: `No running replicas of ${project.name} were found.`,
    why: 'Neither a lab nor what portsync up starts runs for this project directory.',
    next: 'portsync up starts the app here; portsync lab is there to try it.',
  });
}

/** `limits`, but watched for `ms` whatever is rolled out. */
export function watchFor(limits: Limits, ms: number): Limits {
  return { ...limits, watchMs: ms, newImageWatchMs: ms };
}

export function limitsOf({ settings }: Project, watchSeconds = WATCH_SECONDS): Limits {
  const { rollout } = settings;
  return {
    healthyMs: (rollout?.healthySeconds ?? HEALTHY_SECONDS) * 1000,
    watchMs: (rollout?.watchSeconds ?? watchSeconds.sameImage) * 1000,
    newImageWatchMs: (rollout?.watchSeconds ?? watchSeconds.newImage) * 1000,
  };
}
