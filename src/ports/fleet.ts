import type { Colour, Container, LogLine } from '../model/container.ts';

export interface ColourSpec {
  /** Null keeps what runs now. */
  image: string | null;
  env: ReadonlyMap<string, string>;
  replicas: number;
}

/** Where web replicas run: the lab's processes, or Docker Swarm. */
export interface Fleet {
  replicas(signal: AbortSignal): Promise<Container[]>;
  start(colour: Colour, spec: ColourSpec, signal: AbortSignal): Promise<void>;
  /** @throws ExternalError with the failed replica's last log lines in `why`. */
  healthy(colour: Colour, signal: AbortSignal): Promise<void>;
  /** It is kept as it was, for `resume`. */
  stop(colour: Colour, signal: AbortSignal): Promise<void>;
  /**
   * Starts again what `stop` stopped: the same image, environment and number of replicas.
   * @throws UsageError `nothing-kept`.
   */
  resume(colour: Colour, signal: AbortSignal): Promise<void>;
  /**
   * Runs the app's release command (database migrations, mostly) once, with what replicas of `spec`
   * would be started with. Absent where the app has none. `stop` ends one that a process left behind.
   * @throws ExternalError with its last lines in `why` when it fails.
   */
  release?(spec: ColourSpec, signal: AbortSignal): Promise<void>;
  logs(replica: string, signal: AbortSignal): AsyncIterable<LogLine>;
  close(): Promise<void>;
}
