import { type ListId, PANES, type PaneId, type State, screenOf } from './state.ts';

export interface Area {
  width: number;
  height: number;
}

export interface Layout {
  /** `tabs` shows one pane at a time where four would be too small to read. */
  mode: 'grid' | 'tabs';
  /** Rows of the header, with its graph. */
  header: number;
  /** Between the header and the hint bar. */
  body: Area;
  panes: Record<PaneId, Area>;
}

/** Rows that a source which does not answer takes in a pane: what, since when, why, what to do. */
export function problemRows(inner: number): number {
  return Math.max(2, Math.min(5, Math.round(inner * 0.4)));
}

/** Rows of the traffic's graph, and of the terminal that each takes at least. */
const GRAPH = { low: 7, high: 11, highFrom: 36 };
export const GRAPH_FROM = 16;

/** Less cannot be read. */
export const LEAST = { columns: 30, rows: 8 };

export function layoutOf(state: State): Layout {
  const { columns, rows } = state;
  const graph = rows >= GRAPH.highFrom ? GRAPH.high : GRAPH.low;
  const header = state.graph && rows >= GRAPH_FROM ? graph : 1;
  const body = { width: columns, height: Math.max(1, rows - header - 1) };
  if (columns < 80 || rows < 20) {
    const area = { width: columns, height: Math.max(1, body.height - 1) };
    return { mode: 'tabs', header, body, panes: each(() => area) };
  }
  const low = Math.min(16, Math.max(8, Math.round(body.height * 0.42)));
  const left = Math.ceil(columns / 2);
  const panes = each((pane) => ({
    width: pane === 'containers' || pane === 'database' ? left : columns - left,
    height: pane === 'containers' || pane === 'nodes' ? body.height - low : low,
  }));
  return { mode: 'grid', header, body, panes };
}

function each(area: (pane: PaneId) => Area): Record<PaneId, Area> {
  return Object.fromEntries(PANES.map((pane) => [pane, area(pane)])) as Record<PaneId, Area>;
}

/**
 * A zoomed list and the details of its chosen row: side by side where there is room, the details
 * beneath where there is some, none (height 0) where there is little.
 */
export function zoomAreas(body: Area, pane: PaneId): { list: Area; detail: Area; wide: boolean } {
  const { width, height } = body;
  if (width >= 120 || pane === 'env') {
    const left = Math.round(width * (pane === 'env' && width < 120 ? 0.5 : 0.6));
    return {
      list: { width: left, height },
      detail: { width: width - left, height },
      wide: true,
    };
  }
  if (height < 14) return { list: body, detail: { width, height: 0 }, wide: false };
  const share = Math.round(height * 0.4);
  const list = pane === 'database' ? share : Math.max(share, height - 13);
  return {
    list: { width, height: list },
    detail: { width, height: height - list },
    wide: false,
  };
}

/** Rows of the preflight that are not findings: the count above, the needs below. */
export const PREFLIGHT = { above: 3, below: 5 };

/** Findings, and beneath them why and cure of the chosen one; height 0 where there is little room. */
export function preflightAreas({ width, height }: Area): { list: Area; detail: Area } {
  const wanted = Math.max(8, Math.round(height * 0.3));
  const detail = height >= 20 ? wanted : 0;
  return { list: { width, height: height - detail }, detail: { width, height: detail } };
}

/** What the plan of a new project says as a whole, over its lines. */
export const SETUP_PLAN_ABOVE = 3;

const BORDERS = 2;
const HEADING = 1;
/** What the proof says as a whole, over its tables. */
export const PROOF_ABOVE = 2;

/** How many rows of a list are in sight. */
export function pageOf(state: State, list: ListId): number {
  const { body, panes } = layoutOf(state);
  if (list === 'help') return Math.max(1, body.height - BORDERS);
  if (list === 'palette') return Math.max(1, Math.min(12, body.height - 6));
  if (list === 'menu') return 4;
  if (list === 'setup' || list === 'volumes') return Math.max(1, body.height - BORDERS);
  if (list === 'setupPlan') return Math.max(1, body.height - BORDERS - SETUP_PLAN_ABOVE);
  if (list === 'proof') return Math.max(1, body.height - BORDERS - PROOF_ABOVE - HEADING);
  if (list === 'findings') {
    const { above, below } = PREFLIGHT;
    return Math.max(1, preflightAreas(body).list.height - BORDERS - above - below);
  }
  const pane = paneOfList(list);
  const screen = screenOf(state);
  const zoomed = screen?.name === 'zoom' && screen.pane === pane;
  const area = zoomed ? zoomAreas(body, pane).list : panes[pane];
  const inner = area.height - BORDERS;
  return Math.max(1, inner - HEADING - reserved(state, pane, zoomed, inner));
}

/** Rows under a list that belong to something else. */
function reserved(state: State, pane: PaneId, zoomed: boolean, inner: number): number {
  const troubled = Object.values(state.readings[pane]).some((reading) => reading.state === 'stale');
  const problem = troubled && (pane === 'env' || !zoomed) ? problemRows(inner) : 0;
  return problem + (pane === 'nodes' && !zoomed ? 1 : 0);
}

function paneOfList(list: ListId): PaneId {
  switch (list) {
    case 'containers':
    case 'nodes':
      return list;
    case 'queries':
      return 'database';
    default:
      return 'env';
  }
}

/** The list that arrows move in now. */
export function listOfPane(pane: PaneId): ListId {
  return pane === 'database' ? 'queries' : pane === 'env' ? 'versions' : pane;
}
