/** What HAProxy says on its runtime socket. Pure: texts in, records out. */

export interface HoldState {
  held: boolean;
  /** The edge's clock and all times by it: ms since the epoch. */
  now: number;
  id: string;
  /** 0 when nobody waited. */
  first: number;
  ended: number;
  expired: boolean;
}

/** The line of the hold script; null when it is something else. */
export function parseHoldState(text: string): HoldState | null {
  const line = /^state=(held|open) (.*)$/m.exec(text);
  if (!line) return null;
  const fields = fieldsOf(line[2] ?? '');
  const number = (key: string) => Number(fields.get(key) ?? 0);
  return {
    held: line[1] === 'held',
    now: number('now'),
    id: fields.get('id') ?? '0',
    first: number('first'),
    ended: number('ended'),
    expired: fields.get('expired') === 'true',
  };
}

/** One entry of a stick table, by the names of its counters; null where there is none. */
export function parseTableEntry(text: string, key: string): Map<string, number> | null {
  for (const line of text.split('\n')) {
    const fields = fieldsOf(line);
    if (fields.get('key') !== key) continue;
    return new Map([...fields].map(([name, value]) => [name, Number(value)]));
  }
  return null;
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(text.split(' ').flatMap((word) => pair(word)));
}

function pair(word: string): Array<[string, string]> {
  const at = word.indexOf('=');
  return at < 0 ? [] : [[word.slice(0, at), word.slice(at + 1)]];
}

/** A server or (`BACKEND`) a whole backend. */
export interface StatRow {
  backend: string;
  server: string;
  running: number;
  queued: number;
  status: string;
  /** The last check went well: a server that was never checked counts as UP. */
  checked: boolean;
  /** ip:port; empty while none is known. */
  address: string;
}

/** `show stat`: comma-separated, the names of the columns in the first line. */
export function parseStat(text: string): StatRow[] {
  const [head = '', ...lines] = text.split('\n');
  const names = head.replace(/^# /, '').split(',');
  const at = (name: string) => names.indexOf(name);
  return lines.filter(Boolean).map((line) => {
    const cells = line.split(',');
    const cell = (name: string) => cells[at(name)] ?? '';
    return {
      backend: cell('pxname'),
      server: cell('svname'),
      running: Number(cell('scur')),
      queued: Number(cell('qcur')),
      status: cell('status'),
      checked: /\bL7OK$/.test(cell('check_status')),
      address: cell('addr'),
    };
  });
}

/** One finished request, as the ring keeps it. */
export interface RequestLine {
  /** ms since the epoch, by the edge's clock. */
  at: number;
  backend: string;
  /** Null where no replica was reached. */
  server: string | null;
  /** From the request's sending to the replica's first byte; null where none came. */
  ms: number | null;
  status: number;
}

export function parseRequests(text: string): RequestLine[] {
  const lines = text.matchAll(/^(\d+) (\S+) (\S+) (-?\d+) (-?\d+)$/gm);
  return [...lines].map(([, at, backend = '', server = '', ms, status]) => ({
    at: Number(at),
    backend,
    server: server.startsWith('<') ? null : server,
    ms: Number(ms) < 0 ? null : Number(ms),
    status: Number(status),
  }));
}
