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
  stop(colour: Colour, signal: AbortSignal): Promise<void>;
  logs(replica: string, signal: AbortSignal): AsyncIterable<LogLine>;
  close(): Promise<void>;
}
