import { plural } from '../components/format.ts';
import { EXIT, type ExitCode, PortSyncError } from '../errors.ts';
import { openProject } from '../services/project/project.ts';
import { addressOf } from '../services/starter/edge-settings.ts';
import { noDocker } from '../services/starter/no-docker.ts';
import { runUp, type UpListener } from '../services/starter/run-up.ts';
import { mustOpenStage } from '../services/starter/stage.ts';
import { lookForUp } from '../services/starter/up-look.ts';
import { planUp, type UpOperation } from '../services/starter/up-plan.ts';
import { answered, type ChangeOptions } from './change.ts';
import { recoveredText, stepPrinter } from './change-text.ts';
import { note, oneLine, print, printResult, projectDir, runCommand } from './output.ts';
import { confirm } from './prompt.ts';

export interface UpOptions extends ChangeOptions {
  /** Build the app's image anew. */
  build?: boolean;
}

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
        await runUp(stage, look, plan, listenerOf(stage.app, options), signal);
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

function listenerOf(app: string, options: UpOptions): UpListener {
  const say = (text: string) => {
    if (options.json) printResult({ event: 'progress', text });
    else note(`         ${oneLine(text)}`);
  };
  return {
    step: stepPrinter(options),
    line: say,
    services: (states) => say(states.map(({ name, state }) => `${name} ${state}`).join(' · ')),
    recovered: (each) => note(recoveredText(each)),
    removed: (images) => note(`Removed ${plural(images, 'old image')} of ${app}.`),
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
