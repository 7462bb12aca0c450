import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, ExternalError, UsageError } from '../../../errors.ts';
import type { Colour, Container, LogLine } from '../../../model/container.ts';
import type { ColourSpec, Fleet } from '../../../ports/fleet.ts';
import type { LogRing } from '../machine/log-ring.ts';
import type { Monitor } from '../machine/monitor.ts';
import { Replica, type Site } from './replica.ts';

const POLL_MS = 50;
const TAIL = 200;
const LAST_WORDS = 20;

/** The `Fleet` port over processes of this machine. */
export class ProcessFleet implements Fleet {
  readonly #site: Site;
  readonly #monitor: Monitor;
  #replicas: Replica[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(site: Site, monitor: Monitor) {
    this.#site = site;
    this.#monitor = monitor;
  }

  async replicas(): Promise<Container[]> {
    return this.#replicas.map((each) => each.container(this.#monitor.usage(each.pid)));
  }

  pids(): number[] {
    return this.#replicas.flatMap(({ pid }) => pid ?? []);
  }

  start(colour: Colour, spec: ColourSpec): Promise<void> {
    return this.#inTurn(async () => {
      const { app } = this.#site;
      if (spec.image !== null && spec.image !== app.image)
        throw unknownImage(spec.image, app.image);
      this.#refuseServing(colour, 'started anew');
      await this.#remove(colour);
      const numbers = Array.from({ length: spec.replicas }, (_, at) => at + 1);
      const made = numbers.map((number) => new Replica(this.#site, colour, number, spec.env));
      this.#replicas.push(...made);
      await Promise.all(made.map((replica) => replica.start()));
    });
  }

  resume(colour: Colour): Promise<void> {
    return this.#inTurn(async () => {
      const kept = this.#of(colour);
      if (kept.length === 0) throw nothingKept(colour);
      await Promise.all(kept.map((replica) => replica.start()));
    });
  }

  async healthy(colour: Colour, signal: AbortSignal): Promise<void> {
    for (;;) {
      const replicas = this.#of(colour);
      const gone = replicas.find((replica) => replica.gone);
      if (gone || replicas.length === 0) throw notHealthy(colour, gone ?? null);
      if (replicas.every((replica) => replica.healthy)) return;
      if (signal.aborted) {
        const slow = replicas.find((replica) => !replica.healthy) ?? null;
        throw isTimeout(signal) ? notHealthy(colour, slow) : new CancelledError(signal.reason);
      }
      await sleep(POLL_MS);
    }
  }

  stop(colour: Colour): Promise<void> {
    return this.#inTurn(async () => {
      this.#refuseServing(colour, 'stopped');
      await Promise.all(this.#of(colour).map((replica) => replica.stop()));
    });
  }

  environments(): Array<{ replica: string; env: Array<[string, string]> }> {
    const running = this.#replicas.filter((replica) => replica.running);
    return running.map(({ name, env }) => ({ replica: name, env: [...env] }));
  }

  logs(replica: string, signal: AbortSignal): AsyncIterable<LogLine> {
    return this.log(replica).follow(TAIL, signal);
  }

  log(name: string): LogRing {
    return this.replica(name).log;
  }

  replica(name: string): Replica {
    const found = this.#replicas.find((replica) => replica.name === name);
    if (found) return found;
    throw new UsageError({
      code: 'no-replica',
      message: `The lab has no replica ${name}.`,
      why: `It has ${this.#replicas.map((replica) => replica.name).join(', ') || 'none'}.`,
      next: null,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.stop()));
  }

  /** Who asks to stop what is being started waits for it, so that nothing starts afterwards. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #of(colour: Colour): Replica[] {
    return this.#replicas.filter((replica) => replica.colour === colour);
  }

  async #remove(colour: Colour): Promise<void> {
    await Promise.all(this.#of(colour).map((replica) => replica.stop()));
    this.#replicas = this.#replicas.filter((replica) => replica.colour !== colour);
  }

  #refuseServing(colour: Colour, what: string): void {
    if (this.#site.balancer.serving !== colour) return;
    throw new UsageError({
      code: 'colour-serving',
      message: `${colour} was not ${what}.`,
      why: 'It is the colour that serves.',
      next: 'Switch to the other colour first.',
    });
  }
}

function notHealthy(colour: Colour, replica: Replica | null): ExternalError {
  const words = replica?.log.tail(LAST_WORDS).map(({ text }) => text) ?? [];
  return new ExternalError({
    code: 'replica-not-healthy',
    message: replica
      ? `${replica.name} did not get healthy${replica.running ? '' : ': it exited'}.`
      : `${colour} has no replicas.`,
    why: words.join('\n') || null,
    next: replica ? 'Mend what its log says. What served before still does.' : `Start ${colour}.`,
  });
}

function nothingKept(colour: Colour): UsageError {
  return new UsageError({
    code: 'nothing-kept',
    message: `${colour} cannot be started again.`,
    why: 'The lab keeps no stopped replicas of it.',
    next: 'portsync deploy starts new ones.',
  });
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
}

function unknownImage(image: string, known: string): UsageError {
  return new UsageError({
    code: 'unknown-image',
    message: `The lab cannot run ${image}.`,
    why: `A lab runs one app, here ${known}.`,
    next: 'Leave the image as it is.',
  });
}
