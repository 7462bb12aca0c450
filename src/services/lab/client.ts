import { ExternalError } from '../../errors.ts';
import type { LabActions, LogOptions } from '../../model/actions.ts';
import type { Colour, Container, LogLine } from '../../model/container.ts';
import type { LabFigures } from '../../model/lab.ts';
import type { Traffic } from '../../model/traffic.ts';
import type { Edge, HoldReport } from '../../ports/edge.ts';
import type { ColourSpec, Fleet } from '../../ports/fleet.ts';
import { ControlClient } from '../control/client.ts';
import type { LabCalls, LabInfo } from './control/calls.ts';
import { homeAt, readLabFile } from './host/home.ts';
import { isAlive } from './machine/identity.ts';

export type { LabInfo } from './control/calls.ts';

const CALL_LIMIT_MS = 30_000;
const TAIL = 200;

/** A lab that another process runs. All calls reject with `lab-gone` once that process is gone. */
export interface Lab {
  info: LabInfo;
  edge: Edge;
  fleet: Fleet;
  actions: LabActions;
  figures(signal: AbortSignal): Promise<LabFigures>;
  /** What each running replica was started with. Holds secrets. */
  environments(signal: AbortSignal): Promise<Array<{ replica: string; env: Map<string, string> }>>;
  /** The replicas, the balancer (`edge`) and the two database servers (`db`, `cloud`). */
  containers(signal: AbortSignal): Promise<Container[]>;
  /** Of any of these containers. */
  logs(name: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;
  close(): Promise<void>;
}

/** The lab whose project directory this is; null when none runs there, or none that is ready. */
export async function openLab(projectDir: string): Promise<Lab | null> {
  const file = await readLabFile(homeAt(projectDir).labFile);
  if (!file?.control || !isAlive(file)) return null;
  const control = new ControlClient<LabCalls>(file.control, labGone);
  const info = await control.call('info', [], limit()).catch(() => null);
  return info && labOver(control, info);
}

function labOver(control: ControlClient<LabCalls>, info: LabInfo): Lab {
  return {
    info,
    edge: new LabEdge(control),
    fleet: new LabFleet(control),
    actions: {
      setSpike: (on) => control.call('setSpike', [on], limit()),
      killReplica: (name) => control.call('killReplica', [name], limit()),
      startReplica: (name) => control.call('startReplica', [name], limit()),
      stopReplica: (name) => control.call('stopReplica', [name], limit()),
      target: async () => info.target,
    },
    figures: (signal) => control.call('figures', [], signal),
    environments: async (signal) => {
      const found = await control.call('environments', [], signal);
      return found.map(({ replica, env }) => ({ replica, env: new Map(env) }));
    },
    containers: (signal) => control.call('containers', [], signal),
    logs: (name, options, signal) => logsOf(control, name, options, signal),
    close: async () => {},
  };
}

/** The lab's balancer, from another process. */
class LabEdge implements Edge {
  readonly #control: ControlClient<LabCalls>;

  constructor(control: ControlClient<LabCalls>) {
    this.#control = control;
  }

  traffic(signal: AbortSignal): Promise<Traffic> {
    return this.#control.call('traffic', [], signal);
  }

  sees(colour: Colour, replicas: number, signal: AbortSignal): Promise<void> {
    return this.#control.call('sees', [colour, replicas], signal);
  }

  hold(deadlineMs: number, signal: AbortSignal): Promise<void> {
    return this.#control.call('hold', [deadlineMs], signal);
  }

  drained(colour: Colour, signal: AbortSignal): Promise<void> {
    return this.#control.call('drained', [colour], signal);
  }

  switchTo(colour: Colour, signal: AbortSignal): Promise<void> {
    return this.#control.call('switchTo', [colour], signal);
  }

  release(signal: AbortSignal): Promise<HoldReport> {
    return this.#control.call('release', [], signal);
  }

  async close(): Promise<void> {}
}

/** The lab's replicas, from another process. */
class LabFleet implements Fleet {
  readonly #control: ControlClient<LabCalls>;

  constructor(control: ControlClient<LabCalls>) {
    this.#control = control;
  }

  replicas(signal: AbortSignal): Promise<Container[]> {
    return this.#control.call('replicas', [], signal);
  }

  start(colour: Colour, spec: ColourSpec, signal: AbortSignal): Promise<void> {
    return this.#control.call('start', [colour, { ...spec, env: [...spec.env] }], signal);
  }

  async healthy(colour: Colour, signal: AbortSignal): Promise<void> {
    try {
      await this.#control.call('healthy', [colour], signal);
    } catch (error) {
      if (!signal.aborted || signal.reason?.name !== 'TimeoutError') throw error;
      // Time is up, and only the lab knows what the replica said last.
      await this.#control.call('healthyNow', [colour], limit());
    }
  }

  stop(colour: Colour, signal: AbortSignal): Promise<void> {
    return this.#control.call('stop', [colour], signal);
  }

  resume(colour: Colour, signal: AbortSignal): Promise<void> {
    return this.#control.call('resume', [colour], signal);
  }

  logs(replica: string, signal: AbortSignal): AsyncIterable<LogLine> {
    return logsOf(this.#control, replica, { tail: TAIL, follow: true }, signal);
  }

  async close(): Promise<void> {}
}

function logsOf(
  control: ControlClient<LabCalls>,
  name: string,
  { tail, follow }: LogOptions,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  return control.lines(name, { tail: String(tail), ...(follow && { follow: '' }) }, signal);
}

function labGone(cause: unknown): ExternalError {
  return new ExternalError({
    code: 'lab-gone',
    message: 'The lab does not answer.',
    why: 'The process that runs it has ended, or is ending.',
    next: 'Start it again: portsync lab',
    cause,
  });
}

function limit(): AbortSignal {
  return AbortSignal.timeout(CALL_LIMIT_MS);
}
