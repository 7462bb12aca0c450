import type { DatabaseKind } from './database.ts';
import type { Finding } from './finding.ts';
import type { Problem } from './problem.ts';

/**
 * `ready`: in step, waiting for the cut-over. `switched`: the app runs on the new database, and the
 * old one is kept in step where `wayBack` says so. `returned`: it went back. `failed` can be resumed
 * or aborted; the app runs on one database whatever the state.
 */
export type MigrationState =
  | 'idle'
  | 'preflight'
  | 'copying'
  | 'following'
  | 'ready'
  | 'cutting-over'
  | 'switched'
  | 'returned'
  | 'finished'
  | 'aborted'
  | 'failed';

/** The two databases: where the app started, and where it is to be. */
export type Side = 'source' | 'target';

/** What the data is and what moving it needs, as far as the two servers tell. */
export interface Estimate {
  bytes: number;
  /** As the statistics have it. */
  rows: number;
  objects: number;
  copyMs: number;
  /** What the requests would wait. */
  pauseMs: number;
  /** At the target, indexes included. */
  targetDiskBytes: number;
  /** Log that the source keeps while the copy runs; null where nothing tells. */
  logBytes: number | null;
  /** For the second colour of replicas. Null where no fleet is known. */
  memoryBytes: number | null;
}

export interface Preflight {
  findings: Finding[];
  estimate: Estimate | null;
  /** Whether changes can flow back after the cut-over, and why not. */
  wayBack: { possible: boolean; why: string | null };
}

export interface ObjectProgress {
  /** As a person would name the table or collection: without the schema where it is `public`. */
  name: string;
  state: 'waiting' | 'copying' | 'indexing' | 'done';
  bytes: number;
  totalBytes: number;
  rows: number;
}

export interface CopyProgress {
  step: 'schema' | 'data' | 'keys' | 'rest' | 'statistics' | 'done';
  bytes: number;
  totalBytes: number;
  rows: number;
  objects: ObjectProgress[];
}

export interface FollowProgress {
  /** How long ago the newest change applied at the other side was made; null until one is known. */
  lagMs: number | null;
  /** Log that is still to be read, in bytes. Null where the source does not tell. */
  behindBytes: number | null;
  /** Changes applied since the following began. */
  changes: number;
  changesPerSecond: number;
  /** Set while nothing can be applied and PortSync tries on: the disk there is full, a server restarts. */
  waiting: Problem | null;
}

/** How one table or collection compares at the position of the cut-over. */
export interface ProofObject {
  name: string;
  rows: { source: number; target: number };
  /** Order-independent, over every column; null where only the count could be compared. */
  checksum: { source: string; target: string } | null;
  equal: boolean;
}

export interface Proof {
  equal: boolean;
  /** `full`: every row read again on both sides; `quick`: what had changed since the last whole comparison. */
  kind: 'quick' | 'full';
  at: string;
  objects: ProofObject[];
  /** What differs besides rows: sequences, counts. */
  differences: string[];
}

export type CutoverStep =
  | 'start-colour'
  | 'hold'
  | 'freeze'
  | 'drain'
  | 'sequences'
  | 'proof'
  | 'env'
  | 'switch'
  | 'release';

export interface StepRecord {
  step: CutoverStep;
  state: 'doing' | 'done' | 'failed';
  /** Since the first held request, or since the cut-over began for steps before it. */
  ms: number;
}

/** One cut-over, forwards or back; times of the pause are ms. */
export interface Cutover {
  way: 'forward' | 'back' | 'rehearsal';
  startedAt: string;
  /** ISO 8601 UTC; null before the hold. */
  heldAt: string | null;
  deadlineMs: number;
  steps: StepRecord[];
  waiting: number;
  /** Null while it is under way. */
  outcome: 'switched' | 'went-back' | null;
  /** First held request to the first one answered by the new database, or to the release. */
  heldMs: number | null;
  heldRequests: number | null;
  failedRequests: number | null;
  problem: Problem | null;
}

/** All that is known of a project's migration; what `portsync migrate status` answers, without secrets. */
export interface Migration {
  id: string;
  state: MigrationState;
  kind: DatabaseKind;
  /** Masked URLs. */
  source: string;
  target: string;
  startedAt: string;
  changedAt: string;
  /** Whether a process works on it now. A state that needs one and has none is resumed by the next command. */
  worker: { pid: number; since: string } | null;
  rehearsal: boolean;
  holdCutover: boolean;
  preflight: Preflight | null;
  copy: (CopyProgress & { startedAt: string; endedAt: string | null }) | null;
  follow: FollowProgress | null;
  cutover: Cutover | null;
  proof: Proof | null;
  /** Whether `back` loses nothing now, and why not. */
  wayBack: { open: boolean; why: string | null; lagMs: number | null };
  problem: Problem | null;
}
