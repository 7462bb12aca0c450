import { otherColour } from '../../model/container.ts';
import type { ColourSpec } from '../../ports/fleet.ts';
import { parsed } from '../env/changes.ts';
import { EnvStore } from '../env/store.ts';
import { sha256 } from '../env/versions.ts';
import { exclusively } from '../journal/exclusively.ts';
import { Journal, type OpenJob } from '../journal/journal.ts';
import { type EnvWrite, writing } from './env-write.ts';
import type { RolloutNote } from './note.ts';
import { planRollout, type RolloutFacts, type RolloutOperation } from './plan.ts';
import type { Limits, RolloutDeps } from './prepare.ts';
import { noReplicas, servingChanged } from './problems.ts';
import { recoverJobs } from './recover-jobs.ts';
import { refuseDuringCutover } from './refusals.ts';
import { type Report, reported } from './report.ts';
import { type RolledOut, rollout } from './rollout.ts';
import { warningsOf } from './warnings.ts';
import { running } from './watch.ts';

/** A project whose replicas can be rolled out. */
export interface Ground extends Pick<RolloutDeps, 'edge' | 'fleet'> {
  projectDir: string;
  limits: Limits;
  /** What every plan says of this fleet. */
  remarks?: readonly string[];
}

/** What somebody wants to be different. */
export interface Wish {
  kind: 'deploy' | 'rollback' | 'env';
  /** One line for the journal, the audit log and whoever is refused meanwhile. Never a value. */
  what: string;
  /** Null keeps what runs now. */
  image: string | null;
  /** Null: as many as serve now. */
  replicas: number | null;
  /** Start again what the last rollout stopped. */
  kept: boolean;
  env: EnvWrite | null;
}

export interface Planned {
  wish: Wish;
  facts: RolloutFacts;
  operations: RolloutOperation[];
  /** What a person should know before they say yes. */
  warnings: string[];
}

/** Looks, and changes nothing. */
export async function planChange(
  ground: Ground,
  wish: Wish,
  signal: AbortSignal,
): Promise<Planned> {
  await refuseDuringCutover(ground.projectDir);
  const { edge, fleet, limits } = ground;
  const { serving: from } = await edge.traffic(signal);
  const to = otherColour(from);
  const there = (await fleet.replicas(signal)).filter(({ colour }) => colour === to).length;
  const now = from === null ? [] : await running(fleet, from, signal);
  const replicas = wish.kept ? there : (wish.replicas ?? now.length);
  if (replicas === 0) throw noReplicas(wish.kept, to);
  const facts: RolloutFacts = {
    healthyMs: limits.healthyMs,
    watchMs: wish.image === null ? limits.watchMs : limits.newImageWatchMs,
    from,
    to,
    replicas,
    image: wish.image,
    kept: wish.kept,
    release: fleet.release !== undefined && !wish.kept,
    env: wish.env?.words ?? null,
  };
  const warnings = [...(ground.remarks ?? []), ...warningsOf(wish.env)];
  return { wish, facts, operations: planRollout(facts), warnings };
}

/**
 * Does what was planned, alone in the project, after ending what a process that died left behind.
 * Fails with everything as it was, `not-undone` and `not-finished` excepted.
 */
export async function runChange(
  ground: Ground,
  planned: Planned,
  report: Report,
  signal: AbortSignal,
): Promise<RolledOut> {
  return exclusively(ground.projectDir, signal, async (owner) => {
    await recoverJobs(ground, report, signal);
    await refuseDuringCutover(ground.projectDir);
    const { serving } = await ground.edge.traffic(signal);
    if (serving !== planned.facts.from) throw servingChanged(planned.facts.from, serving);
    const store = new EnvStore(ground.projectDir);
    const content = planned.wish.env ? planned.wish.env.after : await store.live();
    const { kind, what } = planned.wish;
    const { current } = await store.history(signal);
    const facts = noted(planned, content, current);
    const intent = { kind, what, owner, plan: planned.operations, facts };
    const job = await new Journal(ground.projectDir).begin(intent);
    return settled(job, () => {
      const step = reported(job.step, planned.operations, report);
      const between = planned.wish.env && writing(store, planned.wish.env);
      const limits = { ...ground.limits, watchMs: planned.facts.watchMs };
      const watching = telling(planned.facts, report);
      const deps = { ...ground, limits, step, watching };
      return rollout(deps, specOf(planned, content), between, signal);
    });
  });
}

function telling({ from, to }: RolloutFacts, report: Report) {
  const back = from === null ? 'ends it' : `goes back to ${from}`;
  return (leftMs: number) => {
    const words = `watching ${to}: ${Math.ceil(leftMs / 1000)} s left; Ctrl-C ${back}`;
    report({ id: 'watch', state: 'going-on', words, leftMs: Math.round(leftMs) });
  };
}

/** Null for what was kept: it has its environment already. */
function specOf({ wish, facts }: Planned, content: Uint8Array | null): ColourSpec | null {
  if (wish.kept) return null;
  return { image: wish.image, env: parsed(content).values, replicas: facts.replicas };
}

/** What a later start needs: the colours, and which contents of the .env belong to them. */
function noted(
  { facts: { from, to, replicas, image }, wish }: Planned,
  content: Uint8Array | null,
  current: string | null,
): RolloutNote {
  const envHash = content && sha256(content);
  return { from, to, replicas, image, envHash, envBefore: wish.env ? current : null };
}

/** The next command finds the job, and goes back or finishes it. */
const LEFT_OPEN = ['not-undone', 'not-finished'];

async function settled<T>(job: OpenJob, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await job.end('done');
    return result;
  } catch (error) {
    if (!LEFT_OPEN.includes((error as { code?: string }).code ?? '')) await job.end('undone');
    throw error;
  }
}
