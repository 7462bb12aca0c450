import type { Container, LogLine } from './container.ts';
import type { EnvChange, EnvPlace } from './env.ts';
import type { Preflight } from './migration.ts';
import type { SetupPlan, SetupWish, StackNews, StackPlan } from './starter.ts';

export interface LogOptions {
  tail: number;
  follow: boolean;
}

/**
 * What keys and commands can make happen. Screens get it as a prop; each call rejects with a
 * PortSyncError, and is null where it makes no sense here.
 */
export interface Actions {
  startContainer(container: Container): Promise<void>;
  stopContainer(container: Container): Promise<void>;
  restartContainer(container: Container): Promise<void>;
  logs(container: Container, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;
  /** Writes what was seen to a file in the project directory and answers its path. */
  saveLogs(container: Container, lines: readonly LogLine[]): Promise<string>;
  /** What changed from the version before `id` to `id`; masked. */
  envChanges(id: string, signal: AbortSignal): Promise<EnvChange[]>;
  /** One value in the clear, for a moment. */
  envReveal(id: string, key: string, signal: AbortSignal): Promise<string | null>;
  /** Which version each replica and each node's copy has. */
  envPlaces(signal: AbortSignal): Promise<EnvPlace[]>;
  /** What bringing `id` back would do to the file and to what runs. Changes nothing. */
  envRestorePlan(id: string, signal: AbortSignal): Promise<RestorePlan>;
  /** Resolves when the file, and every replica, has it; else everything is as before. */
  envRestore(id: string, report: (words: string) => void): Promise<void>;
  lab: LabActions | null;
  migration: MigrationActions | null;
  setup: SetupActions | null;
  stack: StackActions | null;
}

/** Makes a project directory. */
export interface SetupActions {
  /** Changes nothing. */
  plan(wish: SetupWish, signal: AbortSignal): Promise<SetupPlan>;
  /** Writes what was planned last and answers the project directory. */
  write(): Promise<string>;
}

/** Starts everything that the compose file describes, and ends it. */
export interface StackActions {
  plan(what: 'up' | 'down', signal: AbortSignal): Promise<StackPlan>;
  up(report: (news: StackNews) => void): Promise<void>;
  /** `volume` is removed for good; null keeps all data. */
  down(volume: string | null, report: (news: StackNews) => void): Promise<void>;
}

export interface RestorePlan {
  /** Against the file as it is now; masked. */
  changes: EnvChange[];
  steps: string[];
  warnings: string[];
  /** Whether replicas are replaced too. */
  replicas: boolean;
}

/** Moves the database. All but `preflight` resolve when a process has taken it on; the look tells how it goes. */
export interface MigrationActions {
  /** `target` is a connection string with its password; the answer's is masked. Changes nothing. */
  preflight(target: string, signal: AbortSignal): Promise<{ target: string; preflight: Preflight }>;
  /** Null goes on with what was begun. */
  start(target: string | null): Promise<void>;
  cutover(): Promise<void>;
  /** Compares every row of both again. */
  verify(): Promise<void>;
  back(): Promise<void>;
  finish(): Promise<void>;
  abort(): Promise<void>;
}

export interface LabActions {
  setSpike(on: boolean): Promise<void>;
  /** kill -9, as a crash would. */
  killReplica(name: string): Promise<void>;
  startReplica(name: string): Promise<void>;
  /** Gives it no new requests, lets the running ones end, and then it exits. */
  stopReplica(name: string): Promise<void>;
  /** The connection string of its empty second server; holds a password. */
  target(): Promise<string>;
}
