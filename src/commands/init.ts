import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import type { DatabaseKind } from '../model/database.ts';
import { writeInit } from '../services/starter/init.ts';
import { type InitChoices, type InitPlan, planInit } from '../services/starter/init-plan.ts';
import { writesNothing } from '../services/starter/plan-lines.ts';
import { answered, type ChangeOptions } from './change.ts';
import { initText, planValue } from './init-text.ts';
import { note, print, printResult, runCommand } from './output.ts';
import { ask, confirm } from './prompt.ts';

/** As commander gives them. */
export interface InitOptions extends ChangeOptions {
  app?: string;
  db?: string;
  image?: string;
  dockerfile?: boolean;
  starter?: boolean;
  web?: string;
  port?: string;
  httpsPort?: string;
  certificate?: string;
  domain?: string;
}

/** `portsync init [dir]`: everything that `portsync up` needs, written or added to what is there. */
export async function init(dir: string | undefined, options: InitOptions): Promise<void> {
  await runCommand(options, async (signal): Promise<ExitCode> => {
    const path = resolve(dir ?? options.project ?? process.cwd());
    const plan = await planInit(path, await choices(path, options, signal));
    if (plan.adoption && plan.adoption.text === null) return refuse(options, plan);
    if (options.dryRun || writesNothing(plan)) {
      if (options.json)
        printResult({ event: 'result', ok: true, dryRun: true, ...planValue(plan) });
      else print(initText(plan));
      return EXIT.done;
    }
    if (!options.json) note(initText(plan));
    await confirm('Write this?', answered(options), signal);
    await writeInit(plan, signal);
    if (options.json) printResult({ event: 'result', ok: true, ...planValue(plan) });
    else
      print(
        `Written. To start it: portsync up${path === process.cwd() ? '' : ` --project ${path}`}`,
      );
    return EXIT.done;
  });
}

function refuse(options: InitOptions, plan: InitPlan): ExitCode {
  if (options.json) {
    const error = {
      code: 'compose-not-adopted',
      message: 'The compose file cannot be adopted as it is. Nothing was changed.',
      why: plan.adoption?.remarks.find(({ kind }) => kind === 'refused')?.why ?? null,
      next: 'Change what is named, and run portsync init again.',
    };
    printResult({ event: 'result', ok: false, error, ...planValue(plan) });
  } else note(initText(plan));
  return EXIT.foundProblems;
}

async function choices(
  dir: string,
  options: InitOptions,
  signal: AbortSignal,
): Promise<InitChoices> {
  return {
    app: options.app ?? null,
    database: database(options.db ?? 'postgres'),
    source: await source(dir, options, signal),
    web: options.web,
    httpPort: port('--port', options.port, 80),
    httpsPort: port('--https-port', options.httpsPort, 443),
    certificate: options.certificate ?? null,
    domain: options.domain ?? null,
  };
}

/** Asked for only where nothing tells, and there is somebody to ask. */
async function source(
  dir: string,
  { image, dockerfile, starter }: InitOptions,
  signal: AbortSignal,
): Promise<InitChoices['source']> {
  if (image !== undefined) return { kind: 'image', image };
  if (starter) return { kind: 'starter' };
  const there = (name: string) =>
    access(join(dir, name)).then(
      () => true,
      () => false,
    );
  if (dockerfile || (await there('Dockerfile'))) return { kind: 'dockerfile' };
  if (!process.stdin.isTTY || (await there('docker-compose.yml'))) return { kind: 'starter' };
  const question = 'Image of the app (empty: begin with the starter app): ';
  const answer = (await ask(question, { hidden: false, signal })).trim();
  return answer === '' ? { kind: 'starter' } : { kind: 'image', image: answer };
}

function database(text: string): DatabaseKind | null {
  if (text === 'postgres' || text === 'mongo') return text;
  if (text === 'none') return null;
  throw wrong('--db', text, 'It is postgres, mongo or none.');
}

function port(option: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw wrong(option, text ?? '', 'It is a port from 1 to 65535.');
}

function wrong(option: string, text: string, why: string): UsageError {
  return new UsageError({
    code: 'usage',
    message: `${option} cannot be “${text}”.`,
    why,
    next: 'portsync init --help shows what it takes.',
  });
}
