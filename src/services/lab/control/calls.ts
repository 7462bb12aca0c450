import type { Colour, Container } from '../../../model/container.ts';
import type { LabFigures } from '../../../model/lab.ts';
import type { Traffic } from '../../../model/traffic.ts';
import type { HoldReport } from '../../../ports/edge.ts';

/** What a lab is, for those who use it. URLs hold passwords. */
export interface LabInfo {
  project: string;
  /** The app, through its balancer. */
  app: string;
  /** The app's own database. */
  database: string;
  /** An empty second server, standing for a cloud's. */
  target: string;
}

/** A `ColourSpec` as it crosses the socket. */
export interface PlainSpec {
  image: string | null;
  env: Array<[string, string]>;
  replicas: number;
}

/** Everything that can be asked of a running lab by another process: name, arguments, answer. */
export interface LabCalls {
  info(): LabInfo;
  traffic(): Traffic;
  sees(colour: Colour, replicas: number): void;
  hold(deadlineMs: number): void;
  drained(colour: Colour): void;
  switchTo(colour: Colour): void;
  release(): HoldReport;
  replicas(): Container[];
  containers(): Container[];
  start(colour: Colour, spec: PlainSpec): void;
  healthy(colour: Colour): void;
  /** Fails unless the colour is healthy now, and says why it is not. */
  healthyNow(colour: Colour): void;
  stop(colour: Colour): void;
  resume(colour: Colour): void;
  /** What each running replica was started with. Holds secrets. */
  environments(): Array<{ replica: string; env: Array<[string, string]> }>;
  figures(): LabFigures;
  setSpike(on: boolean): void;
  killReplica(name: string): void;
  startReplica(name: string): void;
  stopReplica(name: string): void;
}
