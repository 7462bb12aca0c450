import type { LookKind, Looks } from '../model/panes.ts';
import type { Reading } from '../model/reading.ts';
import type { Event, ReadingEvent } from './events.ts';
import { idsOf } from './ids.ts';
import { pageOf } from './layout.ts';
import { move } from './list.ts';
import { activeList, sortColumns } from './lists.ts';
import { logsEvent } from './logs.ts';
import { withMarks } from './marks.ts';
import { stepOf } from './migration.ts';
import { draftAfter, draftEvent } from './migration-draft.ts';
import { emptyTarget, pastedTarget, targetBox } from './migration-target.ts';
import { withHistory } from './record.ts';
import { setupEvent } from './setup.ts';
import { stackEvent } from './stack.ts';
import { type ListId, type Overlay, type State, topOf } from './state.ts';
import { insert } from './text-field.ts';

/** How long a toast stays, by its kind; one that failed waits to be read. */
const TOAST_MS = { doing: null, done: 4000, refused: 6000, failed: null } as const;
const REVEALED_MS = 5000;

export function reducer(state: State, event: Event): State {
  switch (event.type) {
    case 'reading':
      return reading(state, event);
    case 'tick':
      return tick(state, event.now);
    case 'resized':
      return { ...state, columns: event.columns, rows: event.rows };
    case 'focus':
      return { ...state, focus: event.pane };
    case 'open':
      return open(state, event.overlay);
    case 'close':
      return close(state);
    case 'toast':
      return withToast(state, event.toast);
    case 'toast-gone':
      return { ...state, toast: null };
    case 'graph':
      return { ...state, graph: !state.graph };
    case 'env-side':
    case 'env-changes':
    case 'env-places':
    case 'revealed':
      return envEvent(state, event);
    case 'typed':
    case 'paste':
    case 'filter-kept':
    case 'filter-cleared':
      return textEvent(state, event);
    case 'check':
    case 'check-again':
    case 'checked':
    case 'check-dropped':
    case 'all-findings':
    case 'starting':
    case 'again':
      return draftEvent(state, event);
    case 'setup-set':
    case 'setup-look':
    case 'setup-planned':
      return setupEvent(state, event);
    case 'stack-look':
    case 'stack-planned':
    case 'stack-began':
    case 'stack-news':
    case 'stack-ended':
      return stackEvent(state, event);
    case 'sort':
    case 'sort-direction':
      return sorted(state, event.type);
    case 'move':
      return topOf(state)?.name === 'logs' ? logsEvent(state, event) : moved(state, event);
    case 'wrap':
    case 'follow':
    case 'log-lines':
    case 'log-ended':
      return logsEvent(state, event);
  }
}

function reading(state: State, event: ReadingEvent): State {
  const at = event.reading.state === 'ready' ? event.reading.seenAt : state.now;
  const known = event.reading.state === 'ready' || event.reading.state === 'stale';
  return {
    ...state,
    marks: withMarks(state, event, at),
    draft: draftAfter(state, event),
    history: known ? withHistory(state, event, at) : state.history,
    readings: withReading(state, event.pane, event.id, event.reading),
  };
}

function withReading<K extends LookKind>(
  state: State,
  pane: K,
  id: string,
  value: Reading<Looks[K]>,
) {
  return { ...state.readings, [pane]: { ...state.readings[pane], [id]: value } };
}

function tick(state: State, now: number): State {
  const toast = state.toast?.until && state.toast.until <= now ? null : state.toast;
  const over = state.env.revealed && state.env.revealed.until <= now;
  const env = over ? { ...state.env, revealed: null } : state.env;
  return { ...state, now, toast, env };
}

function open(state: State, overlay: Overlay): State {
  const { lists } = state;
  const fresh = {
    ...lists,
    palette: top(lists.palette),
    help: top(lists.help),
    proof: top(lists.proof),
    setupPlan: top(lists.setupPlan),
    volumes: overlay.name === 'stack' ? top(lists.volumes) : lists.volumes,
  };
  const env = overlay.name === 'zoom' ? { ...state.env, side: 'versions' as const } : state.env;
  const focus = overlay.name === 'zoom' ? overlay.pane : state.focus;
  return { ...state, focus, env, lists: fresh, overlays: [...state.overlays, overlay] };
}

function top<T extends State['lists'][ListId]>(listing: T): T {
  return { ...listing, chosen: null, row: 0, top: 0 };
}

function close(state: State): State {
  const closed = topOf(state);
  const rest = { ...state, overlays: state.overlays.slice(0, -1) };
  if (closed?.name === 'filter') return withFilter(rest, closed.list, closed.before);
  // A value in the clear must not wait behind another screen.
  return closed?.name === 'zoom'
    ? { ...rest, env: { ...rest.env, revealed: null, places: null } }
    : rest;
}

function withToast(state: State, toast: Extract<Event, { type: 'toast' }>['toast']): State {
  const stays = TOAST_MS[toast.kind];
  return { ...state, toast: { ...toast, until: stays === null ? null : state.now + stays } };
}

function envEvent(
  state: State,
  event: Extract<Event, { type: 'env-side' | 'env-changes' | 'env-places' | 'revealed' }>,
): State {
  const { env } = state;
  if (event.type === 'env-side') {
    return { ...state, env: { ...env, side: env.side === 'changes' ? 'versions' : 'changes' } };
  }
  if (event.type === 'revealed') {
    const { key, value } = event;
    return { ...state, env: { ...env, revealed: { key, value, until: state.now + REVEALED_MS } } };
  }
  if (event.type === 'env-places') {
    // Whoever has left meanwhile is not to find it there the next time.
    const late = Array.isArray(event.places) && env.places !== 'reading';
    return late ? state : { ...state, env: { ...env, places: event.places } };
  }
  const { version, changes } = event;
  const found = 'code' in changes ? null : changes;
  const problem = 'code' in changes ? changes : null;
  const lists = { ...state.lists, changes: top(state.lists.changes) };
  return { ...state, lists, env: { ...env, version, changes: found, problem, revealed: null } };
}

function textEvent(
  state: State,
  event: Extract<Event, { type: 'typed' | 'paste' | 'filter-kept' | 'filter-cleared' }>,
): State {
  if (event.type === 'filter-cleared') return withFilter(state, event.list, '');
  const overlay = topOf(state);
  if (!overlay || !('field' in overlay)) {
    return event.type === 'paste' ? pastedNowhere(state, event.text) : state;
  }
  const below = state.overlays.slice(0, -1);
  if (event.type === 'filter-kept') return { ...state, overlays: below };
  if (overlay.name === 'target') {
    const field = event.type === 'typed' ? event.field : pastedTarget(overlay.field, event.text);
    return { ...state, overlays: [...below, targetBox(field)] };
  }
  const field = event.type === 'typed' ? event.field : insert(overlay.field, event.text);
  const typed = { ...state, overlays: [...below, { ...overlay, field }] };
  if (overlay.name === 'filter') return withFilter(typed, overlay.list, field.text);
  if (overlay.name !== 'palette') return typed;
  return { ...typed, lists: { ...state.lists, palette: top(state.lists.palette) } };
}

/** Where a connection string is asked for, it may be pasted without opening the box first. */
function pastedNowhere(state: State, text: string): State {
  if (topOf(state)?.name === 'migrate' && stepOf(state) === 'target') {
    const box = targetBox(pastedTarget(emptyTarget, text));
    return { ...state, overlays: [...state.overlays, box] };
  }
  const what = 'Nothing here takes pasted text.';
  return withToast(state, { kind: 'refused', what, why: null, next: 'Open : or / first.' });
}

function withFilter(state: State, list: ListId | 'logs', filter: string): State {
  if (list !== 'logs') {
    const listing = { ...state.lists[list], filter, top: 0 };
    return { ...state, lists: { ...state.lists, [list]: listing } };
  }
  const overlays = state.overlays.map((overlay) =>
    overlay.name === 'logs'
      ? { ...overlay, logs: { ...overlay.logs, filter, top: null } }
      : overlay,
  );
  return { ...state, overlays };
}

function sorted(state: State, how: 'sort' | 'sort-direction'): State {
  const list = activeList(state);
  const columns = list ? sortColumns(list) : [];
  const [first] = columns;
  if (!list || !first) return state;
  const now = state.lists[list].sort ?? first;
  const index = columns.findIndex(({ column }) => column === now.column);
  const next = columns[(index + 1) % columns.length] ?? first;
  const sort = how === 'sort' ? next : { ...now, descending: !now.descending };
  return { ...state, lists: { ...state.lists, [list]: { ...state.lists[list], sort } } };
}

function moved(state: State, event: Extract<Event, { type: 'move' }>): State {
  const list = activeList(state);
  if (!list) return state;
  const place = move(state.lists[list], idsOf(state, list), event.by, pageOf(state, list));
  const lists = { ...state.lists, [list]: { ...state.lists[list], ...place } };
  const env =
    list === 'versions' || list === 'changes' ? { ...state.env, revealed: null } : state.env;
  return { ...state, lists, env };
}
