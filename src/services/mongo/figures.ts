import type { DatabaseFigures } from '../../model/database.ts';
import type { Rates } from '../database/rates.ts';
import type { Look, OptionalPart } from './look.ts';

export function figuresOf(
  look: Look,
  rates: Rates,
  refused: ReadonlySet<OptionalPart>,
  user: string | null,
  known: Pick<DatabaseFigures, 'version' | 'where' | 'here' | 'sizeBytes'>,
): DatabaseFigures {
  const { status, operations, members } = look;
  const longest = operations?.longestTransactionMs ?? null;
  return {
    kind: 'mongo',
    ...known,
    ...rates,
    connections: status?.connections ?? null,
    longestTransactionMs: longest === 0 && refused.has('others') ? null : longest,
    blocked: operations?.blocked ?? null,
    slow: operations?.slow ?? [],
    blockers: [],
    replication: members ?? [],
    hint: hintFor(refused, user),
  };
}

const UNSEEN: Record<OptionalPart, string> = {
  status: 'connections and rates',
  others: 'the operations of others',
  operations: 'what runs',
  members: 'the other members',
};

/** What the user does not see, and the role that lets it; null when it sees everything. */
export function hintFor(refused: ReadonlySet<OptionalPart>, user: string | null): string | null {
  if (refused.size === 0) return null;
  const name = JSON.stringify(user ?? '');
  const unseen = [...refused].map((part) => UNSEEN[part]).join(', nor ');
  const role = '{role: "clusterMonitor", db: "admin"}';
  return `${name} may not see ${unseen}. To let it: db.grantRolesToUser(${name}, [${role}])`;
}
