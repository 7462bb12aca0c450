export type Colour = 'blue' | 'green';

/** Null is no colour at all, as before the first start. */
export function otherColour(colour: Colour | null): Colour {
  return colour === 'blue' ? 'green' : 'blue';
}

export type ContainerState =
  | 'created'
  | 'running'
  | 'paused'
  | 'restarting'
  | 'removing'
  | 'exited'
  | 'dead';

export type Health = 'healthy' | 'unhealthy' | 'starting' | 'none';

/** One container (or, in the lab, one replica process). Rates are null until two looks were taken. */
export interface Container {
  id: string;
  /** The engine it was read from: `local`, `ssh://root@host`, `lab`. */
  engine: string;
  node: string;
  name: string;
  image: string;
  state: ContainerState;
  health: Health;
  /** Of a web replica; null for everything else. */
  colour: Colour | null;
  /** 100 is one core. */
  cpuPercent: number | null;
  memoryBytes: number | null;
  /** Null when unlimited. */
  memoryLimitBytes: number | null;
  receivedBytesPerSecond: number | null;
  sentBytesPerSecond: number | null;
  restarts: number;
  exitCode: number | null;
  /** ISO 8601; null while not running. */
  startedAt: string | null;
  createdAt: string;
}

export interface LogLine {
  /** ISO 8601. */
  at: string | null;
  stream: 'stdout' | 'stderr';
  text: string;
}
