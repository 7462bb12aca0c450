import type { Container, LogLine } from '../model/container.ts';
import type { EnvChange, EnvPlace } from '../model/env.ts';
import type { LookKind, Looks } from '../model/panes.ts';
import type { Problem } from '../model/problem.ts';
import type { MachineInfo, ProjectInfo } from '../model/project.ts';
import type { Reading } from '../model/reading.ts';
import type { ContainersLook } from './container-history.ts';
import type { Effect } from './effects.ts';
import { type DayTrack, emptyTrack, type Track } from './history.ts';
import { type Listing, startOfList } from './list.ts';
import { type Draft, emptyDraft } from './migration.ts';
import { emptySetup, type SetupDraft, type SetupText } from './setup.ts';
import { noWork, type StackWork } from './stack.ts';
import type { Field, SecretField } from './text-field.ts';

export const PANES = ['containers', 'nodes', 'database', 'env'] as const;
export type PaneId = (typeof PANES)[number];

const LISTS = [
  'containers',
  'nodes',
  'queries',
  'versions',
  'changes',
  'help',
  'palette',
  'menu',
  'findings',
  'proof',
  'setup',
  'setupPlan',
  'volumes',
] as const;
export type ListId = (typeof LISTS)[number];

/** Several sources where there are several engines or machines; each is stale by itself. */
export type Readings = {
  readonly [K in LookKind]: Readonly<Record<string, Reading<Looks[K]>>>;
};

/** What is drawn over time. */
export type TrafficKey = 'requests' | 'p95' | 'replicas';
export type NodeKey =
  | 'cpu'
  | 'load'
  | 'memory'
  | 'disk'
  | 'pressureCpu'
  | 'pressureMemory'
  | 'pressureIo'
  | 'requests'
  | 'errors'
  | 'p95';
export type DatabaseKey = 'transactions' | 'connections';
export type ContainerKey = 'cpu' | 'memory';
export type MigrationKey = 'copied' | 'lag';

export interface History {
  traffic: Track<TrafficKey>;
  database: Track<DatabaseKey>;
  migration: Track<MigrationKey>;
  nodes: Readonly<Record<string, DayTrack<NodeKey>>>;
  /** By engine. */
  containers: Readonly<Record<string, readonly ContainersLook[]>>;
}

/** Something that happened, drawn on the traffic's time axis. */
export interface Mark {
  at: number;
  text: string;
  tone: 'good' | 'look' | 'bad' | 'plain';
}

/** One line at the bottom: what happened, why, what to do. */
export interface Toast {
  kind: 'doing' | 'done' | 'refused' | 'failed';
  what: string;
  why: string | null;
  next: string | null;
  /** Ms since the epoch; null stays until Esc or the next action. */
  until: number | null;
}

export interface LogEntry extends LogLine {
  /** Counts from 0 over everything that was followed. */
  n: number;
}

export interface LogView {
  container: Container;
  lines: readonly LogEntry[];
  /** Number of the first line in sight; null follows the end. */
  top: number | null;
  wrap: boolean;
  filter: string;
  /** `following` until the source ends or fails. */
  ended: 'following' | 'ended' | Problem;
}

/** Asked before anything that stops, removes or overwrites. */
export interface Question {
  title: string;
  /** What differs in the .env, masked. */
  changes?: readonly EnvChange[];
  /** What will happen, in order. */
  steps?: readonly string[];
  /** What the steps do not tell. */
  warnings?: readonly string[];
  kept: string;
  back: string;
  yes: string;
  /** Has to be typed: there is no way back. */
  name?: string;
  effect: Effect;
}

export type Overlay =
  | { name: 'zoom'; pane: PaneId }
  | { name: 'logs'; logs: LogView }
  | { name: 'resize' | 'migrate' | 'finding' | 'proof' | 'addNode' | 'help' }
  | { name: 'setup' | 'setupPlan' | 'stack' | 'soon' }
  | { name: 'entry'; row: SetupText; field: Field }
  | { name: 'filter'; list: ListId | 'logs'; field: Field; before: string }
  | { name: 'palette'; field: Field }
  | { name: 'address'; field: Field }
  | { name: 'target'; field: SecretField; problem: Problem | null }
  | { name: 'confirm'; question: Question }
  | { name: 'confirmName'; question: Question; field: Field };

/** The masked difference of one version, and at most one value in the clear. */
export interface EnvDetail {
  version: string | null;
  changes: readonly EnvChange[] | null;
  problem: Problem | null;
  side: 'versions' | 'changes';
  revealed: { key: string; value: string | null; until: number } | null;
  /** Where which version runs; null while that is not asked. */
  places: readonly EnvPlace[] | 'reading' | null;
}

export interface State {
  project: ProjectInfo | null;
  machine: MachineInfo | null;
  /** Nothing is changed, whatever key is pressed. */
  readOnly: boolean;
  columns: number;
  rows: number;
  /** Ms since the epoch, as of the last tick. */
  now: number;
  startedAt: number;
  readings: Readings;
  history: History;
  marks: readonly Mark[];
  focus: PaneId;
  lists: Readonly<Record<ListId, Listing>>;
  overlays: readonly Overlay[];
  /** The header's traffic is a graph. */
  graph: boolean;
  env: EnvDetail;
  draft: Draft;
  setup: SetupDraft;
  stack: StackWork;
  toast: Toast | null;
}

export interface Beginning {
  /** Null opens the start menu. */
  project: ProjectInfo | null;
  machine: MachineInfo | null;
  /** Of the start menu; a project says it itself. */
  readOnly?: boolean;
  columns: number;
  rows: number;
  now: number;
}

export function initialState(beginning: Beginning): State {
  const { project, machine, columns, rows, now } = beginning;
  const lists = Object.fromEntries(LISTS.map((list) => [list, startOfList]));
  return {
    project,
    machine,
    readOnly: project?.readOnly ?? beginning.readOnly ?? false,
    columns,
    rows,
    now,
    startedAt: now,
    readings: {
      containers: {},
      nodes: {},
      database: {},
      env: {},
      traffic: {},
      lab: {},
      backup: {},
      migration: {},
    },
    history: {
      traffic: emptyTrack(),
      database: emptyTrack(),
      migration: emptyTrack(),
      nodes: {},
      containers: {},
    },
    marks: [],
    focus: 'containers',
    lists: lists as Record<ListId, Listing>,
    overlays: [],
    graph: false,
    env: {
      version: null,
      changes: null,
      problem: null,
      side: 'versions',
      revealed: null,
      places: null,
    },
    draft: emptyDraft,
    setup: emptySetup,
    stack: noWork,
    toast: null,
  };
}

export function topOf(state: State): Overlay | null {
  return state.overlays.at(-1) ?? null;
}

/** Boxes lie over a screen; everything else is one. */
const BOXES = new Set<Overlay['name']>([
  'filter',
  'palette',
  'address',
  'entry',
  'target',
  'confirm',
  'confirmName',
]);

export function screenOf(state: State): Overlay | null {
  return state.overlays.findLast((overlay) => !BOXES.has(overlay.name)) ?? null;
}

/** What keys mean now: the name of what is on top. */
export type Context = Overlay['name'] | 'dashboard' | 'menu';

export function contextOf(state: State): Context {
  return topOf(state)?.name ?? (state.project ? 'dashboard' : 'menu');
}
