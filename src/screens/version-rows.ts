import { plural, stamp } from '../components/format.ts';
import type { Column, DataRow } from '../components/Table.tsx';
import type { EnvHistory, EnvVersion } from '../model/env.ts';

export const VERSION_COLUMNS: readonly Column[] = [
  { key: 'when', title: 'WHEN', width: 14, priority: 0 },
  { key: 'who', title: 'WHO', width: 8, priority: 2 },
  { key: 'changed', title: 'CHANGED', width: 8, priority: 0 },
  { key: 'reason', title: 'WHY', width: 12, flex: 1, priority: 3 },
];

export function versionDataRow(version: EnvVersion, current: EnvHistory['current']): DataRow {
  const { id, at, author, changed, reason } = version;
  const keys = changed.length === 0 ? 'nothing' : plural(changed.length, 'key');
  return {
    key: id,
    mark: id === current ? ['●', 'good'] : ' ',
    cells: {
      when: stamp(at),
      who: [author, 'dim'],
      changed: keys,
      reason: [reason, 'dim'],
    },
  };
}
