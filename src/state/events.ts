import type { LogLine } from '../model/container.ts';
import type { EnvChange, EnvPlace } from '../model/env.ts';
import type { Preflight } from '../model/migration.ts';
import type { LookKind, Looks } from '../model/panes.ts';
import type { Problem } from '../model/problem.ts';
import type { Reading } from '../model/reading.ts';
import type { Secret } from '../model/secret.ts';
import type { SetupPlan, SetupWish, StackNews, StackPlan } from '../model/starter.ts';
import type { Move } from './list.ts';
import type { ListId, Overlay, PaneId, Toast } from './state.ts';
import type { Field } from './text-field.ts';

/** What one look at a source brought. `id` is the probe's: an engine, a machine. */
export type ReadingEvent = {
  [K in LookKind]: { type: 'reading'; pane: K; id: string; reading: Reading<Looks[K]> };
}[LookKind];

/** Everything that can happen to the dashboard. */
export type Event =
  | ReadingEvent
  | { type: 'tick'; now: number }
  | { type: 'resized'; columns: number; rows: number }
  | { type: 'focus'; pane: PaneId }
  | { type: 'move'; by: Move }
  | { type: 'sort' }
  | { type: 'sort-direction' }
  | { type: 'open'; overlay: Overlay }
  | { type: 'close' }
  /** The text box on top was typed into, or changed by a paste. */
  | { type: 'typed'; field: Field }
  | { type: 'paste'; text: string }
  /** Enter in the filter box. */
  | { type: 'filter-kept' }
  | { type: 'filter-cleared'; list: ListId | 'logs' }
  | { type: 'graph' }
  | { type: 'wrap' }
  | { type: 'follow' }
  | { type: 'env-side' }
  | { type: 'log-lines'; lines: readonly LogLine[] }
  | { type: 'log-ended'; problem: Problem | null }
  | { type: 'env-changes'; version: string; changes: readonly EnvChange[] | Problem }
  /** Null hides them. */
  | { type: 'env-places'; places: readonly EnvPlace[] | 'reading' | null }
  | { type: 'revealed'; key: string; value: string | null }
  /** Both servers shall be looked at; again, with the same connection string; what was found. */
  | { type: 'check'; target: Secret }
  | { type: 'check-again' }
  | { type: 'checked'; look: number; answer: { target: string; preflight: Preflight } | Problem }
  /** Back to the text box, with what is in it. */
  | { type: 'check-dropped' }
  | { type: 'all-findings' }
  | { type: 'starting'; on: boolean }
  /** A migration that has ended gives way to the next one. */
  | { type: 'again' }
  | { type: 'setup-set'; wish: Partial<SetupWish> }
  /** What was filled in shall be planned; what came of it. */
  | { type: 'setup-look' }
  | { type: 'setup-planned'; look: number; answer: SetupPlan | Problem }
  | { type: 'stack-look'; what: 'up' | 'down' }
  | { type: 'stack-planned'; look: number; answer: StackPlan | Problem }
  | { type: 'stack-began' }
  | { type: 'stack-news'; news: StackNews }
  | { type: 'stack-ended'; problem: Problem | null }
  | { type: 'toast'; toast: Omit<Toast, 'until'> }
  | { type: 'toast-gone' };
