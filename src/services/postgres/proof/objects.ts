import type { Proof, ProofObject } from '../../../model/migration.ts';
import { type QualifiedName, shown } from '../names.ts';
import type { ProofTable } from './catalog.ts';
import { type Sum, sameSum } from './checksum.ts';

export function proofOf(
  kind: Proof['kind'],
  at: Date,
  objects: ProofObject[],
  differences: string[],
): Proof {
  objects.sort((a, b) => (a.name < b.name ? -1 : 1));
  const equal = differences.length === 0 && objects.every((object) => object.equal);
  return { equal, kind, at: at.toISOString(), objects, differences };
}

export function toObject(name: string, source: Sum, target: Sum): ProofObject {
  return {
    name,
    rows: { source: source.rows, target: target.rows },
    checksum: { source: source.checksum, target: target.checksum },
    equal: sameSum(source, target),
  };
}

/** Columns that could not be compared are named, lest the checksum claim more than it covers. */
export function nameOf(name: QualifiedName, table: Pick<ProofTable, 'columns'> | null): string {
  const left = table?.columns.filter(({ form }) => form === 'none') ?? [];
  if (left.length === 0) return shown(name);
  return `${shown(name)} (without column ${left.map((column) => column.name).join(', ')})`;
}
