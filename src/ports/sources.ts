import type { LookKind, Looks } from '../model/panes.ts';
import type { Probe } from './probe.ts';

export type Probes = { [Kind in LookKind]: Array<Probe<Looks[Kind]>> };

/** Why there is nothing to read of a kind, and what would change that. */
export interface Absence {
  why: string;
  next: string | null;
}

/** Everything that can be read for one project. */
export interface Sources {
  probes: Probes;
  /** Counts for the kinds that have no probe. */
  absent: Partial<Record<LookKind, Absence>>;
}
