import { setImmediate } from 'node:timers/promises';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { findProject, openProject } from '../services/project/project.ts';
import type { Watch } from '../services/project/watch.ts';
import { beginSession } from '../session.ts';
import type { Event } from '../state/events.ts';
import { terminalCapabilities } from '../terminal/capabilities.ts';
import type { Leaving } from '../tui.tsx';
import { runCommand } from './output.ts';

export interface TuiOptions {
  project?: string;
  /** An address that ssh takes: a machine is watched instead of a project. */
  host?: string;
  readOnly?: boolean;
}

/** `portsync tui`: the dashboard, or the start menu where there is no project. */
export async function tui(options: TuiOptions): Promise<void> {
  await runCommand({}, async (signal) => {
    try {
      return await show(options, signal);
    } catch (error) {
      // What bin/ drew while this was loading goes away before the error is printed.
      process.emit('portsync:failed' as never);
      throw error;
    }
  });
}

async function show(options: TuiOptions, signal: AbortSignal): Promise<ExitCode | undefined> {
  requireTerminal();
  const readOnly = options.readOnly ?? false;
  if (options.host) return exitCode(await watchHost(options.host, readOnly, signal));
  const { project: dir } = options;
  const project = dir ? await openProject(dir) : await findProject(process.cwd());
  if (!project) return await fromMenu(readOnly, signal);
  const { watchProject } = await import('../services/project/watch-project.ts');
  return exitCode(await dashboard(await watchProject(project, { readOnly })));
}

/** The dashboard of a project directory, for what has started something there. */
export async function openDashboard(dir: string): Promise<void> {
  const { watchProject } = await import('../services/project/watch-project.ts');
  await dashboard(await watchProject(await openProject(dir), { readOnly: false }));
}

/** A project that was just set up: its dashboard, with what starting it would do in front. */
async function startProject(dir: string, readOnly: boolean): Promise<Leaving> {
  const { watchProject } = await import('../services/project/watch-project.ts');
  return dashboard(await watchProject(await openProject(dir), { readOnly }), [
    { type: 'stack-look', what: 'up' },
    { type: 'open', overlay: { name: 'stack' } },
  ]);
}

async function dashboard(watch: Watch, start: readonly Event[] = []): Promise<Leaving> {
  // Before Ink is loaded: meanwhile the engine answers.
  const session = beginSession({ project: watch.info, machine: null }, watch, start);
  try {
    // The question leaves before Ink is loaded, which keeps the event loop busy.
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    const { showDashboard } = await import('../tui.tsx');
    return await showDashboard(session, watch.actions);
  } finally {
    session.end();
    await watch.close();
  }
}

async function watchHost(
  address: string,
  readOnly: boolean,
  signal: AbortSignal,
): Promise<Leaving> {
  const { watchMachine } = await import('../services/project/watch-machine.ts');
  const { firstContact } = await import('./first-contact.ts');
  const machines = await firstContact(address, signal);
  return dashboard(await watchMachine(address, machines, readOnly));
}

async function fromMenu(readOnly: boolean, signal: AbortSignal): Promise<ExitCode | undefined> {
  const { machineInfo } = await import('../services/machine/machine.ts');
  const { showMenu } = await import('../tui.tsx');
  const { setupActions } = await import('../services/starter/setup-actions.ts');
  const left = await showMenu(await machineInfo(), setupActions(), readOnly);
  if (left.kind !== 'open') return exitCode(left);
  const { opening } = left;
  if (opening.kind === 'project') return exitCode(await startProject(opening.dir, readOnly));
  if (opening.kind === 'ssh') return exitCode(await watchHost(opening.address, readOnly, signal));
  const { lab } = await import('./lab.ts');
  await lab({}, openDashboard);
  return undefined;
}

function exitCode(left: Leaving): ExitCode {
  return left.kind === 'signal' ? EXIT.interrupted : EXIT.done;
}

function requireTerminal(): void {
  const { tty, dumb } = terminalCapabilities(process.env, process.stdout);
  if (tty && !dumb && process.stdin.isTTY) return;
  throw new UsageError({
    code: 'no-terminal',
    message: 'The dashboard was not started.',
    why: tty
      ? `It needs a terminal that can move its cursor; TERM is “${process.env.TERM ?? ''}”.`
      : 'It needs a terminal, and there is none.',
    next: 'The same figures once, for scripts and pipes: portsync status',
  });
}
