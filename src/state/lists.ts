import { CONTAINER_SORTS, containerRows } from './containers.ts';
import { listOfPane } from './layout.ts';
import type { Sort } from './list.ts';
import { findingRows } from './migration-draft.ts';
import { proofRows } from './migration-proof.ts';
import { NODE_SORTS, nodeRows } from './nodes.ts';
import { setupPlanOf, setupRows } from './setup.ts';
import { contextOf, type ListId, type State, screenOf } from './state.ts';
import { changeRows, queryRows, versionRows } from './versions.ts';

/** The list that arrows, sorting and filtering are about now; null where there is none. */
export function activeList(state: State): ListId | null {
  const context = contextOf(state);
  if (context === 'help' || context === 'palette' || context === 'menu') return context;
  if (context === 'filter') return listBelow(state);
  if (context === 'proof' || context === 'setup' || context === 'setupPlan') return context;
  if (context === 'stack') return state.stack.what === 'down' ? 'volumes' : null;
  if (context === 'finding' || context === 'migrate') {
    return state.draft.checked ? 'findings' : null;
  }
  // Up and down choose the node that is judged.
  if (context === 'resize') return 'nodes';
  return context === 'dashboard' || context === 'zoom' ? listBelow(state) : null;
}

function listBelow(state: State): ListId | null {
  const screen = screenOf(state);
  if (screen === null) return state.project ? listOfPane(state.focus) : null;
  if (screen.name !== 'zoom') return null;
  if (screen.pane === 'env' && state.env.side === 'changes') return 'changes';
  return listOfPane(screen.pane);
}

export function sortColumns(list: ListId): ReadonlyArray<Sort> {
  return list === 'containers' ? CONTAINER_SORTS : list === 'nodes' ? NODE_SORTS : [];
}

/** What is sorted by now, for the head of the column. */
export function sortOf(state: State, list: ListId): Sort | null {
  return state.lists[list].sort ?? sortColumns(list)[0] ?? null;
}

/** Ids of a list of data, in the order shown. */
export function dataIds(state: State, list: ListId): string[] {
  switch (list) {
    case 'containers':
      return containerRows(state).map((row) => row.key);
    case 'nodes':
      return nodeRows(state).map((row) => row.id);
    case 'queries':
      return queryRows(state).map((row) => row.id);
    case 'versions':
      return versionRows(state).map((row) => row.id);
    case 'changes':
      return (changeRows(state) ?? []).map((row) => row.key);
    case 'findings':
      return findingRows(state).map((row) => row.id);
    case 'proof':
      return proofRows(state).map((row) => row.name);
    case 'setup':
      return setupRows(state).map((row) => row.id);
    case 'setupPlan':
      return (setupPlanOf(state)?.lines ?? []).map((_line, index) => String(index));
    case 'volumes':
      return [...(state.stack.plan?.volumes ?? [])];
    default:
      return [];
  }
}
