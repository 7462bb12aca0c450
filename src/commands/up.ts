import { plural } from '../components/format.ts';
import { EXIT, type ExitCode, PortSyncError } from '../errors.ts';
import { exclusively } from '../services/journal/exclusively.ts';
import { Journal } from '../services/journal/journal.ts';
import { limitsOf } from '../services/project/open-fleet.ts';
import { openProject } from '../services/project/project.ts';
import { type Ground, planChange, runChange } from '../services/rollout/change.ts';
import { recover } from '../services/rollout/recover-jobs.ts';
import { reported } from '../services/rollout/report.ts';
import { deployWish } from '../services/rollout/wishes.ts';
import { addressOf } from '../services/starter/edge-settings.ts';
import { noDocker } from '../services/starter/no-docker.ts';
import { removeUnused } from '../services/starter/old-images.ts';
import { mustOpenStage, type Stage } from '../services/starter/stage.ts';
import { bringUp } from '../services/starter/up.ts';
import { lookForUp, type UpLook } from '../services/starter/up-look.ts';
import { planUp, type UpOperation } from '../services/starter/up-plan.ts';
import { answered, type ChangeOptions } from './change.ts';
import { recoveredText, stepPrinter } from './change-text.ts';
import { note, oneLine, print, printResult, projectDir, runCommand } from './output.ts';
import { confirm } from './prompt.ts';

export interface UpOptions extends ChangeOptions {
  /** Build the app's image anew. */
  build?: boolean;
}

const WATCH_SECONDS = 15;
/** Nothing served before, so that there is nothing to go back to. */
const FIRST_WATCH_MS = 1000;

/** `portsync up`: everything the compose file describes runs, sized for this machine. */
export async function up(options: UpOptions): Promise<void> {
  await runCommand(options, async (signal): Promise<ExitCode> => {
    const project = await openProject(projectDir(options));
    const stage = await mustOpenStage(project);
    try {
      const look = await lookForUp(
        stage,
        { build: options.build ?? false, now: new Date() },
        signal,
      );
      const plan = planUp(look.facts);
      const address = addressOf(project.settings, 'localhost');
      if (plan.length > 0 && options.dryRun) tell(options, { dryRun: true, plan, address });
      else if (plan.length === 0) tell(options, { changed: false, plan, address });
      else {
        if (!options.json) note(planText(stage.app, plan));
        await confirm('Go ahead?', answered(options), signal);
        await carryOut(stage, look, plan, options, signal);
        tell(options, { changed: true, plan, address });
      }
      return EXIT.done;
    } catch (error) {
      throw error instanceof PortSyncError && error.code === 'no-engine' ? noDocker(error) : error;
    } finally {
      stage.close();
    }
  });
}

async function carryOut(
  stage: Stage,
  look: UpLook,
  plan: readonly UpOperation[],
  options: UpOptions,
  signal: AbortSignal,
): Promise<void> {
  const { project, app, edge, fleet } = stage;
  const report = stepPrinter(options);
  const first = look.facts.web.standing === 'missing';
  const limits = limitsOf(project, WATCH_SECONDS);
  const ground: Ground = {
    projectDir: project.dir,
    edge,
    fleet,
    limits: first ? { ...limits, watchMs: FIRST_WATCH_MS } : limits,
  };
  const base = plan.filter(({ id }) => id !== 'web');
  if (base.length > 0) {
    await exclusively(project.dir, signal, async (owner) => {
      const intent = { kind: 'up', what: `up: ${app}`, owner, plan: base, facts: {} };
      const job = await new Journal(project.dir).begin(intent);
      try {
        const step = reported(job.step, base, report);
        await bringUp(stage, look, base, step, progressOf(options), signal);
        await job.end('done');
      } catch (error) {
        // What was started stays: the next up goes on from there.
        await job.end('failed');
        throw error;
      }
    });
  }
  for (const each of await recover(ground, report, signal)) note(recoveredText(each));
  if (plan.some(({ id }) => id === 'web')) {
    const wish = deployWish(look.facts.web.image, look.facts.web.replicas);
    await runChange(ground, await planChange(ground, wish, signal), report, signal);
  }
  const removed = await removeUnused(stage, signal);
  if (removed.length > 0) note(`Removed ${plural(removed.length, 'old image')} of ${app}.`);
}

function progressOf({ json }: UpOptions) {
  const say = (text: string) => {
    if (json) printResult({ event: 'progress', text });
    else note(`         ${oneLine(text)}`);
  };
  return {
    line: say,
    services: (states: ReadonlyArray<{ name: string; state: string }>) =>
      say(states.map(({ name, state }) => `${name} ${state}`).join(' · ')),
  };
}

interface Told {
  plan: readonly UpOperation[];
  address: string;
  dryRun?: boolean;
  changed?: boolean;
}

function tell(options: UpOptions, told: Told): void {
  if (options.json) printResult({ event: 'result', ok: true, ...told });
  else if (told.dryRun) print(planText('Would', told.plan));
  else if (told.changed) print(`${told.address} serves.`);
  else
    print(
      `Nothing to do: ${told.address} serves, and all is as the files and this machine ask for.`,
    );
}

function planText(head: string, plan: readonly UpOperation[]): string {
  return [head, ...plan.map(({ words }, at) => `  ${at + 1}. ${oneLine(words)}`)].join('\n');
}
