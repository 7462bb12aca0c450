import { CancelledError, EXIT, type ExitCode } from '../errors.ts';
import { openProject } from '../services/project/project.ts';
import { lookForDown, planDown } from '../services/starter/down.ts';
import { runDown } from '../services/starter/run-down.ts';
import { mustOpenStage } from '../services/starter/stage.ts';
import { answered, type ChangeOptions } from './change.ts';
import { stepPrinter } from './change-text.ts';
import { note, print, printResult, projectDir, runCommand } from './output.ts';
import { ask, confirm } from './prompt.ts';

export interface DownOptions extends ChangeOptions {
  /** A volume to be removed for good. */
  removeVolume?: string;
}

/** `portsync down`: ends what up started. Data stays, unless its volume is named. */
export async function down(options: DownOptions): Promise<void> {
  await runCommand(options, async (signal): Promise<ExitCode> => {
    const project = await openProject(projectDir(options));
    const stage = await mustOpenStage(project);
    try {
      const facts = await lookForDown(stage, options.removeVolume ?? null, signal);
      const plan = planDown(facts);
      const kept = facts.volumes.filter((volume) => volume !== facts.remove);
      const words = plan.map(({ words }, at) => `  ${at + 1}. ${words}`);
      const text = [stage.app, ...words, ...kept.map((volume) => `  The volume ${volume} stays.`)];
      if (options.dryRun || plan.length === 0) {
        if (options.json) printResult({ event: 'result', ok: true, dryRun: true, plan, kept });
        else print(plan.length === 0 ? 'Nothing runs.' : text.join('\n'));
        return EXIT.done;
      }
      if (!options.json) note(text.join('\n'));
      await confirmLoss(facts.remove, options, signal);
      await runDown(stage, plan, facts, stepPrinter(options), signal);
      if (options.json) printResult({ event: 'result', ok: true, plan, kept });
      else print('Ended. To start it again: portsync up');
      return EXIT.done;
    } finally {
      stage.close();
    }
  });
}

/** Where data is lost, its name has to be typed; naming it with --yes is as much. */
async function confirmLoss(
  volume: string | null,
  options: DownOptions,
  signal: AbortSignal,
): Promise<void> {
  if (volume === null || answered(options)) {
    return confirm('Go ahead?', answered(options), signal);
  }
  const typed = await ask(`Type ${volume} to remove it for good: `, { hidden: false, signal });
  if (typed.trim() !== volume) throw new CancelledError();
}
