import { readFile } from 'node:fs/promises';
import { plural } from '../../components/format.ts';
import { EXIT, type ExitCode, ExternalError, UsageError } from '../../errors.ts';
import { parseBytes } from '../../services/env/document.ts';
import { driftOf, formerKeys, parseEnvironment, type Running } from '../../services/env/drift.ts';
import { lookAround } from '../../services/env/look-around.ts';
import { missing } from '../../services/env/problems.ts';
import { EnvStore } from '../../services/env/store.ts';
import { verify as findings } from '../../services/env/verify.ts';
import type { RunningEnvironments } from '../../services/project/read-running.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from '../output.ts';
import { readStdin } from '../prompt.ts';
import { historyOf } from './look.ts';
import { driftTable, findingText } from './text.ts';

const LARGEST_ENVIRONMENT = 16 * 1024 * 1024;

export function verify(options: CommonOptions): Promise<void> {
  return runCommand(options, async (signal) => {
    const store = new EnvStore(projectDir(options));
    const content = await store.live();
    if (!content) throw missing(store.file);
    const found = findings(parseBytes(content), await lookAround(store.file, signal));
    if (options.json) printResult({ event: 'result', ok: true, findings: found });
    else
      print(found.length > 0 ? found.map(findingText).join('\n') : 'Nothing found: all is well.');
    return found.length > 0 ? EXIT.foundProblems : EXIT.done;
  });
}

export function drift(options: CommonOptions & { against?: string }): Promise<void> {
  return runCommand(options, async (signal): Promise<ExitCode> => {
    const dir = projectDir(options);
    const store = new EnvStore(dir);
    const content = await store.live();
    if (!content) throw missing(store.file);
    const { versions } = await historyOf(store, signal);
    const { running, unread } = await environments(dir, options.against, signal);
    const found = driftOf(parseBytes(content).values, running, formerKeys(versions));
    const checked = running.map(({ where }) => where);
    for (const { where, why } of unread) note(`Not looked at: ${where}. ${why}`);
    if (running.every(({ copy }) => copy)) note('No running replica of this project was found.');
    if (options.json) printResult({ event: 'result', ok: true, checked, unread, drift: found });
    else
      print(found.length > 0 ? driftTable(found) : `In step: ${plural(checked.length, 'place')}.`);
    return found.length > 0 || unread.length > 0 ? EXIT.foundProblems : EXIT.done;
  });
}

async function environments(
  dir: string,
  against: string | undefined,
  signal: AbortSignal,
): Promise<RunningEnvironments> {
  if (against !== undefined) return { running: [await environmentFrom(against)], unread: [] };
  const { readRunning } = await import('../../services/project/read-running.ts');
  const found = await readRunning(dir, signal);
  if (found.running.length > 0) return found;
  const [first] = found.unread;
  throw new ExternalError({
    code: 'nothing-running',
    message: 'No running replica of this project was found.',
    why: first ? `${first.where}: ${first.why}` : 'None of its engines runs one.',
    next: 'Name one yourself: docker exec CONTAINER env -0 | portsync env drift --against -',
  });
}

async function environmentFrom(source: string): Promise<Running> {
  const bytes = source === '-' ? await readStdin(LARGEST_ENVIRONMENT) : await readOrRefuse(source);
  return {
    where: source === '-' ? 'standard input' : source,
    env: parseEnvironment(bytes.toString()),
  };
}

function readOrRefuse(file: string): Promise<Buffer> {
  return readFile(file).catch((cause) => {
    throw new UsageError({
      code: 'file-unreadable',
      message: `${file} cannot be read.`,
      why: (cause as Error).message,
      cause,
    });
  });
}
