import type { DatabaseFigures } from '../../model/database.ts';
import type { Rates } from '../database/rates.ts';
import type { Look, OptionalPart } from './look.ts';

export function figuresOf(
  look: Look,
  rates: Rates,
  refused: ReadonlySet<OptionalPart>,
  known: Pick<DatabaseFigures, 'where' | 'here' | 'sizeBytes'>,
): DatabaseFigures {
  const { server, activity, replication } = look;
  return {
    kind: 'postgres',
    version: server.version,
    ...known,
    ...rates,
    connections: activity && { used: activity.used, max: server.maxConnections },
    longestTransactionMs: activity?.longestTransactionMs ?? null,
    blocked: activity?.blocked ?? null,
    slow: activity?.slow ?? [],
    blockers: activity?.blockers ?? [],
    replication: replication?.lags ?? [],
    hint: hintFor(look, refused),
  };
}

/** What the role does not see, and the statement that lets it; null when it sees everything. */
export function hintFor(look: Look, refused: ReadonlySet<OptionalPart>): string | null {
  const { server, activity, replication } = look;
  const role = `"${server.role.replaceAll('"', '""')}"`;
  const unseen = [
    ...(activity && activity.hidden > 0 ? [`the queries of ${activity.hidden} connections`] : []),
    ...(replication?.hidden ? ['how far the replicas are'] : []),
    ...[...refused].map((part) => `the ${part} views`),
  ];
  if (unseen.length === 0) return null;
  return `${role} may not see ${unseen.join(', nor ')}. To let it: grant pg_monitor to ${role};`;
}
