import { PortSyncError } from '../../errors.ts';
import type { StackActions } from '../../model/actions.ts';
import type { StackNews } from '../../model/starter.ts';
import { openProject, type Project } from '../project/project.ts';
import type { Progress, StepEvent } from '../rollout/report.ts';
import { lookForDown, planDown } from './down.ts';
import { addressOf } from './edge-settings.ts';
import { noDocker } from './no-docker.ts';
import { runDown } from './run-down.ts';
import { runUp } from './run-up.ts';
import { mustOpenStage, type Stage } from './stage.ts';
import { lookForUp } from './up-look.ts';
import { planUp } from './up-plan.ts';

/** What the dashboard's keys do; `portsync up` and `portsync down` do the same. */
export class StackKeys {
  readonly #dir: string;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor({ dir }: Project) {
    this.#dir = dir;
  }

  readonly actions: StackActions = {
    plan: (what, signal) =>
      this.#onStage(async (stage) => {
        const down = await lookForDown(stage, null, signal);
        const steps = what === 'up' ? (await planned(stage, signal)).plan : planDown(down);
        const address = addressOf(stage.project.settings, 'localhost');
        return { app: stage.app, steps, address, volumes: down.volumes };
      }),
    up: (report) => this.#kept(this.#onStage((stage) => this.#up(stage, report))),
    down: (volume, report) =>
      this.#kept(this.#onStage((stage) => this.#down(stage, volume, report))),
  };

  /** What is under way is stopped, and waited for; the next up goes on from there. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #up(stage: Stage, report: (news: StackNews) => void): Promise<void> {
    const { look, plan } = await planned(stage, this.#stop.signal);
    const own = new Set<string>(plan.map(({ id }) => id));
    const web = since();
    // The rollout has a plan of its own; here it is one step, and what it does is told in a line.
    const step = (event: StepEvent | Progress) => {
      if (event.state === 'going-on') return report({ line: event.words });
      if (own.has(event.id)) return report(event);
      report({ id: 'web', state: event.state === 'failed' ? 'failed' : 'doing', ms: web() });
      if (event.state === 'doing') report({ line: event.words });
    };
    const line = (text: string) => report({ line: text });
    const services = (states: ReadonlyArray<{ name: string; state: string }>) =>
      line(states.map(({ name, state }) => `${name} ${state}`).join(' · '));
    const listener = { step, line, services, recovered: () => {}, removed: () => {} };
    await runUp(stage, look, plan, listener, this.#stop.signal);
    if (own.has('web')) report({ id: 'web', state: 'done', ms: web() });
  }

  async #down(
    stage: Stage,
    volume: string | null,
    report: (news: StackNews) => void,
  ): Promise<void> {
    const { signal } = this.#stop;
    const facts = await lookForDown(stage, volume, signal);
    const step = (event: StepEvent | Progress) =>
      report(event.state === 'going-on' ? { line: event.words } : event);
    await runDown(stage, planDown(facts), facts, step, signal);
  }

  /** Opened anew each time: the files may have changed. */
  async #onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = await mustOpenStage(await openProject(this.#dir));
    try {
      return await work(stage);
    } catch (error) {
      throw error instanceof PortSyncError && error.code === 'no-engine' ? noDocker(error) : error;
    } finally {
      stage.close();
    }
  }

  #kept(work: Promise<void>): Promise<void> {
    this.#running = work.catch(() => {});
    return work;
  }
}

async function planned(stage: Stage, signal: AbortSignal) {
  const look = await lookForUp(stage, { build: false, now: new Date() }, signal);
  return { look, plan: planUp(look.facts) };
}

/** Ms since it was first asked. */
function since(): () => number {
  let began: number | null = null;
  return () => {
    began ??= performance.now();
    return Math.round(performance.now() - began);
  };
}
