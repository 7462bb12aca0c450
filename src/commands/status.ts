import { EXIT, type ExitCode } from '../errors.ts';
import { dataOf } from '../model/reading.ts';
import { paneStatus } from '../model/status.ts';
import { lookOnce, type Seen } from '../services/project/look-once.ts';
import { openProject } from '../services/project/project.ts';
import { watchProject } from '../services/project/watch-project.ts';
import { type CommonOptions, print, printResult, projectDir, runCommand } from './output.ts';
import { statusText } from './status-text.ts';

/** `portsync status`: what the dashboard's panes show, once. */
export async function status(options: CommonOptions): Promise<void> {
  await runCommand(options, async (signal): Promise<ExitCode> => {
    const project = await openProject(projectDir(options));
    const watch = await watchProject(project, { readOnly: true });
    try {
      const seen = await lookOnce(watch, signal);
      signal.throwIfAborted();
      if (options.json) printResult(answer(seen));
      else print(statusText(watch.info, seen));
      return EXIT.done;
    } finally {
      await watch.close();
    }
  });
}

function answer(seen: Seen) {
  const readings = (kind: keyof Seen) => seen[kind].map(({ reading }) => reading);
  const nodes = seen.nodes.map(({ id, reading }) => {
    const { state, seenAt, error } = paneStatus([reading], []);
    return { name: id, state, seenAt, error, ...dataOf(reading) };
  });
  const traffic = seen.traffic.flatMap(({ reading }) => dataOf(reading) ?? []);
  return {
    at: new Date().toISOString(),
    containers: paneStatus(
      readings('containers'),
      seen.containers.flatMap(({ reading }) => dataOf(reading) ?? []),
    ),
    nodes: paneStatus(readings('nodes'), nodes),
    database: paneStatus(
      readings('database'),
      seen.database.flatMap(({ reading }) => dataOf(reading) ?? []),
    ),
    env: paneStatus(
      readings('env'),
      seen.env.flatMap(({ reading }) => dataOf(reading)?.versions ?? []),
    ),
    traffic: paneStatus(readings('traffic'), traffic),
    migration: paneStatus(
      readings('migration'),
      seen.migration.flatMap(({ reading }) => dataOf(reading) ?? []),
    ),
  };
}
