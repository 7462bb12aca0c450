export { type KeyChange, keyChanges, MASK, needsRebuild, parsed } from './changes.ts';
export { type Drift, driftOf, parseEnvironment, type Running } from './drift.ts';
export { editCopy } from './editor.ts';
export {
  findVersion,
  type PruneRule,
  prunable,
  restoreVersion,
  setVariable,
} from './operations.ts';
export { envActions, envProbe } from './pane.ts';
export { missing } from './problems.ts';
export { EnvStore, type FullHistory, type Outcome } from './store.ts';
export type { KeptVersion } from './versions.ts';
