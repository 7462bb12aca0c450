import type { LogLine } from '../model/container.ts';
import type { Event } from './events.ts';
import { layoutOf } from './layout.ts';
import { type Move, matches } from './list.ts';
import { memo } from './memo.ts';
import type { LogEntry, LogView, State } from './state.ts';

/** How much scroll-back is kept. */
export const LOG_LINES = 5000;

type LogEvent = Extract<Event, { type: 'move' | 'wrap' | 'follow' | 'log-lines' | 'log-ended' }>;

/** Changes the log view on top of the stack, or wherever it waits. */
export function logsEvent(state: State, event: LogEvent): State {
  const page = logPage(state);
  const overlays = state.overlays.map((overlay) =>
    overlay.name === 'logs' ? { ...overlay, logs: changed(overlay.logs, event, page) } : overlay,
  );
  return { ...state, overlays };
}

/** The open log; null when none is. */
export function logsOf(state: State): LogView | null {
  return state.overlays.findLast((overlay) => overlay.name === 'logs')?.logs ?? null;
}

/** Rows for lines: the body without its border. */
function logPage(state: State): number {
  return Math.max(1, layoutOf(state).body.height - 2);
}

function changed(view: LogView, event: LogEvent, page: number): LogView {
  switch (event.type) {
    case 'move':
      return { ...view, top: scrolled(view, event.by, page) };
    case 'wrap':
      return { ...view, wrap: !view.wrap };
    case 'follow':
      return { ...view, top: view.top === null ? firstInSight(view, page) : null };
    case 'log-lines':
      return { ...view, lines: appended(view.lines, event.lines) };
    case 'log-ended':
      return { ...view, ended: event.problem ?? 'ended' };
  }
}

function appended(lines: readonly LogEntry[], more: readonly LogLine[]): readonly LogEntry[] {
  const next = (lines.at(-1)?.n ?? -1) + 1;
  const entries = more.map((line, index) => ({ ...line, text: clean(line.text), n: next + index }));
  return [...lines, ...entries].slice(-LOG_LINES);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a log may carry any of them
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|.)/g;

/** A log may hold anything: nothing of it may reach the terminal as a command. */
export function clean(text: string): string {
  return text
    .replace(ESCAPES, '')
    .replace(/\t/g, '    ')
    .replace(/\p{Cc}/gu, '');
}

const filtered = memo((lines: readonly LogEntry[], filter: string) =>
  filter === '' ? lines : lines.filter((line) => matches(filter, [line.text])),
);

export function logLines({ lines, filter }: LogView): readonly LogEntry[] {
  return filtered(lines, filter);
}

/** Index of the first line in sight when each line takes one row. */
export function firstIndex(view: LogView, page: number): number {
  const lines = logLines(view);
  const last = Math.max(0, lines.length - page);
  const { top } = view;
  if (top === null) return last;
  const found = lines.findIndex((line) => line.n >= top);
  return found < 0 ? last : Math.min(found, last);
}

function firstInSight(view: LogView, page: number): number | null {
  return logLines(view)[firstIndex(view, page)]?.n ?? null;
}

/** Scrolling past the end follows again. */
function scrolled(view: LogView, by: Move, page: number): number | null {
  const lines = logLines(view);
  const steps = { up: -1, down: 1, pageUp: 1 - page, pageDown: page - 1 };
  if (by === 'last') return null;
  const to = by === 'first' ? 0 : firstIndex(view, page) + steps[by];
  if (to >= lines.length - page) return null;
  return lines[Math.max(0, to)]?.n ?? null;
}
