import { PANES, type PaneId, type State } from './state.ts';

/** The pane after or before the focused one. */
export function nextPane(state: State, step: 1 | -1): PaneId {
  const index = PANES.indexOf(state.focus) + step;
  return PANES[(index + PANES.length) % PANES.length] ?? state.focus;
}

/** The pane that keys are about: the zoomed one, else the focused one. */
export function paneNow(state: State): PaneId {
  const zoom = state.overlays.findLast((overlay) => overlay.name === 'zoom');
  return zoom?.pane ?? state.focus;
}
