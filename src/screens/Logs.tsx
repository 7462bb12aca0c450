import { clockSeconds, count, plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { chopped, wrapped } from '../components/text.ts';
import type { Area } from '../state/layout.ts';
import { firstIndex, logLines } from '../state/logs.ts';
import type { LogEntry, LogView } from '../state/state.ts';

const TIME = 9;

/** The log of one container: its end while following, else where someone stopped to read. */
export function Logs({ logs, area }: { logs: LogView; area: Area }) {
  const width = area.width - 2;
  const rows = area.height - 2;
  return (
    <Pane title={`Log of ${logs.container.name}`} note={note(logs)} {...area} focused>
      <Lines rows={content(logs, width, rows)} width={width} />
    </Pane>
  );
}

function note(logs: LogView): Span[] {
  const seen = logLines(logs).length;
  const all = plural(logs.lines.length, 'line');
  const lines = logs.filter === '' ? all : `${count(seen)} of ${all}`;
  const filter: Span[] = logs.filter === '' ? [] : [', ', [`/${logs.filter}`, 'accent']];
  return [[`· ${lines}`, 'dim'], ...filter, ', ', state(logs)];
}

function state({ ended, top }: LogView): Span {
  if (typeof ended === 'object') return ['cannot be followed', 'bad'];
  if (ended === 'ended') return ['ended', 'look'];
  return top === null ? ['following', 'good'] : ['paused', 'look'];
}

function content(logs: LogView, width: number, rows: number): Span[][] {
  const { ended } = logs;
  const trouble =
    typeof ended === 'object'
      ? wrapped([ended.message, ended.why, ended.next].filter(Boolean).join(' '), width - 2, 3)
      : [];
  const room = rows - trouble.length;
  const lines = linesInSight(logs, width, room);
  const empty: Span[][] = lines.length > 0 ? [] : [[[emptyText(logs), 'dim']]];
  return [...lines, ...empty, ...trouble.map((text): Span[] => [' ', [text, 'bad']])];
}

function emptyText({ filter, lines, ended }: LogView): string {
  if (lines.length > 0) return ` no line contains “${filter}”`;
  return ended === 'following' ? ' ◌ waiting for the first line …' : ' it wrote nothing';
}

/** Wrapped lines take several rows: following fills from the end, reading from the first line. */
function linesInSight(logs: LogView, width: number, room: number): Span[][] {
  const lines = logLines(logs);
  if (!logs.wrap) {
    const from = firstIndex(logs, room);
    return lines.slice(from, from + room).map((line) => cutRow(line));
  }
  if (logs.top === null) {
    const last = lines.slice(-room).flatMap((line) => wrapRows(line, width));
    return last.slice(-room);
  }
  const from = firstIndex(logs, room);
  return lines
    .slice(from, from + room)
    .flatMap((line) => wrapRows(line, width))
    .slice(0, room);
}

function cutRow(line: LogEntry): Span[] {
  return [[time(line), 'dim'], line.text];
}

function wrapRows(line: LogEntry, width: number): Span[][] {
  return chopped(line.text, width - TIME).map((part, index) => [
    [index === 0 ? time(line) : ' '.repeat(TIME), 'dim'],
    part,
  ]);
}

function time({ at }: LogEntry): string {
  const known = at === null ? Number.NaN : Date.parse(at);
  return Number.isNaN(known) ? ' '.repeat(TIME) : `${clockSeconds(known)} `;
}
