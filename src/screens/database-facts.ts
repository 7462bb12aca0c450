import { type Fact, factRows, pairRow, textRow } from '../components/facts.ts';
import { bytes, bytesLong, count, dayTime, latency, perSecond } from '../components/format.ts';
import type { Span } from '../components/spans.ts';
import { wrapped } from '../components/text.ts';
import type { Backup } from '../model/backup.ts';
import type { DatabaseFigures } from '../model/database.ts';
import { dataOf, type Reading } from '../model/reading.ts';
import { figures } from '../state/history.ts';
import type { DatabaseKey, History } from '../state/state.ts';

const KINDS = { postgres: 'PostgreSQL', mongo: 'MongoDB' } as const;

export function kindOf({ kind, version }: DatabaseFigures): string {
  return `${KINDS[kind]} ${version}`;
}

interface Facts {
  size: Fact;
  connections: Fact;
  transactions: Fact;
  cacheHit: Fact;
  longest: Fact;
  blocked: Fact;
}

export function factsOf(database: DatabaseFigures, history: History['database']): Facts {
  const course = (key: DatabaseKey) => figures<DatabaseKey>(history.recent, key);
  const { connections, blocked, longestTransactionMs: longest, cacheHitPercent: hit } = database;
  return {
    size: { label: 'size', value: bytesLong(database.sizeBytes) },
    connections: {
      label: 'connections',
      value: connections ? `${connections.used}/${connections.max}` : '–',
      values: course('connections'),
      ...(connections ? { top: connections.max } : {}),
      tone: connections && connections.used >= connections.max * 0.9 ? 'bad' : 'plain',
    },
    transactions: {
      label: 'tx/s',
      value: perSecond(database.transactionsPerSecond),
      values: course('transactions'),
    },
    cacheHit: {
      label: 'cache hit',
      value: hit === null ? '–' : `${hit.toFixed(1)}%`,
    },
    longest: {
      label: 'oldest tx',
      value: latency(longest),
      tone: longest !== null && longest > 60_000 ? 'look' : 'plain',
    },
    blocked: {
      label: 'blocked',
      value: count(blocked),
      tone: blocked ? 'bad' : 'plain',
    },
  };
}

/** Two figures to a row: for the pane. */
export function shortFacts(facts: Facts, width: number): Span[][] {
  return [
    pairRow(facts.size, facts.connections, width),
    pairRow(facts.transactions, facts.cacheHit, width),
    pairRow(facts.longest, facts.blocked, width),
  ];
}

export const LABEL = 12;

/** One figure to a row, with its course. */
export function longFacts(facts: Facts, width: number): Span[][] {
  return factRows(Object.values(facts), { width, label: LABEL, value: 9 });
}

interface Size {
  width: number;
  now: number;
}

/** The rows below the figures: slowest query, lag, backup, what is hidden. */
export function moreFacts(
  database: DatabaseFigures,
  backup: Reading<Backup | null>,
  size: Size,
): Span[][] {
  const [slowest] = database.slow;
  const rows = [
    slowest
      ? textRow('slowest now', `${latency(slowest.ms)} ${slowest.text}`, LABEL, 'look')
      : textRow('slowest now', 'none over 1 s', LABEL, 'dim'),
    ...replicationRows(database),
  ];
  return [...rows, ...lastFacts(database, backup, size)];
}

export function lastFacts(
  database: DatabaseFigures,
  backup: Reading<Backup | null>,
  { width, now }: Size,
): Span[][] {
  const hint = database.hint === null ? [] : wrapped(database.hint, width - 4, 2);
  return [
    textRow('last backup', ...backupText(backup, now)),
    ...hint.map((text): Span[] => [' ', [text, 'dim']]),
  ];
}

function replicationRows({ replication }: DatabaseFigures): Span[][] {
  if (replication.length === 0) return [];
  const lag = Math.max(...replication.map(({ lagBytes }) => lagBytes ?? 0));
  const names =
    replication.length === 1 ? (replication[0]?.name ?? '') : `${replication.length} standbys`;
  return [textRow('replication', `${names}, ${bytes(lag)} behind`, LABEL)];
}

function backupText(
  backup: Reading<Backup | null>,
  now: number,
): [string, number, 'plain' | 'dim' | 'look'] {
  const newest = dataOf(backup);
  if (newest) {
    const tested = newest.tested ? 'test-restored' : 'not test-restored';
    return [`${dayTime(newest.at, now)}, ${tested}`, LABEL, newest.tested ? 'plain' : 'look'];
  }
  if (backup.state === 'absent') return [backup.why, LABEL, 'dim'];
  return [backup.state === 'ready' ? 'none yet' : '–', LABEL, 'dim'];
}
