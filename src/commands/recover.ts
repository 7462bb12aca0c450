import { mustOpenFleet } from '../services/project/open-fleet.ts';
import { openProject } from '../services/project/project.ts';
import { recover as recoverJobs } from '../services/rollout/recover-jobs.ts';
import { recoveredText, stepPrinter } from './change-text.ts';
import { type CommonOptions, print, printResult, projectDir, runCommand } from './output.ts';

/** `portsync recover`: finishes or undoes what a command that was killed left half done. */
export function recover(options: CommonOptions): Promise<void> {
  return runCommand(options, async (signal) => {
    const project = await openProject(projectDir(options));
    const { close, ...parts } = await mustOpenFleet(project);
    try {
      const ground = { projectDir: project.dir, ...parts };
      const ended = await recoverJobs(ground, stepPrinter(options), signal);
      const jobs = ended.map(({ job, outcome }) => ({ id: job.id, what: job.what, outcome }));
      if (options.json) printResult({ event: 'result', ok: true, recovered: jobs });
      else print(ended.length > 0 ? ended.map(recoveredText).join('\n') : 'Nothing was cut off.');
    } finally {
      await close();
    }
    return undefined;
  });
}
