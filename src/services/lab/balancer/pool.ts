import { EventEmitter, once } from 'node:events';
import { Agent } from 'node:http';
import type { Colour, Health } from '../../../model/container.ts';
import type { ReplicaTraffic } from '../../../model/traffic.ts';
import { RollingWindow } from './window.ts';

const CHECKS_TO_FALL = 2;

/** One web replica as the balancer knows it. */
export class Replica {
  readonly name: string;
  readonly colour: Colour;
  readonly port: number;
  readonly window = new RollingWindow();
  readonly agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 16 });
  health: Health = 'starting';
  draining = false;
  running = 0;
  #failures = 0;

  constructor(name: string, colour: Colour, port: number) {
    this.name = name;
    this.colour = colour;
    this.port = port;
  }

  get up(): boolean {
    return this.health === 'healthy' && !this.draining;
  }

  get state(): ReplicaTraffic['state'] {
    if (this.health !== 'healthy') return 'down';
    return this.draining ? 'draining' : 'up';
  }

  succeeded(): void {
    this.#failures = 0;
    this.health = 'healthy';
  }

  /** One failure may be chance; a refused connection is not. */
  failed(refused: boolean): void {
    this.#failures += 1;
    const falls = refused || this.#failures >= CHECKS_TO_FALL;
    if (falls && this.health === 'healthy') this.health = 'unhealthy';
  }

  /** The process is gone: its port may soon be someone else's. */
  exited(): void {
    this.health = 'unhealthy';
    this.agent.destroy();
  }
}

/** The replicas to choose from. Tells of changes as events: `up`, and `idle` when a request ended. */
export class Pool extends EventEmitter<{ up: []; idle: [] }> {
  readonly #replicas = new Map<string, Replica>();
  #turn = 0;

  get replicas(): Replica[] {
    return [...this.#replicas.values()];
  }

  get(name: string): Replica | undefined {
    return this.#replicas.get(name);
  }

  add(replica: Replica): void {
    this.remove(replica.name);
    this.#replicas.set(replica.name, replica);
  }

  remove(name: string): void {
    this.#replicas.get(name)?.agent.destroy();
    this.#replicas.delete(name);
  }

  has(replica: Replica): boolean {
    return this.#replicas.get(replica.name) === replica;
  }

  /** Round robin over what is up in `colour`; replicas not tried yet come first. */
  next(colour: Colour | null, tried: ReadonlySet<Replica>): Replica | null {
    const up = this.replicas.filter((replica) => replica.colour === colour && replica.up);
    const fresh = up.filter((replica) => !tried.has(replica));
    const choice = fresh.length > 0 ? fresh : up;
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
    return choice[this.#turn % choice.length] ?? null;
  }

  running(colour: Colour): number {
    return this.replicas
      .filter((replica) => replica.colour === colour)
      .reduce((sum, replica) => sum + replica.running, 0);
  }

  /** Resolves when no request runs at `colour` (or only at `replica` of it). */
  async idle(which: Colour | Replica, signal: AbortSignal): Promise<void> {
    const left = () => (typeof which === 'string' ? this.running(which) : which.running);
    while (left() > 0) await once(this, 'idle', { signal });
  }
}
