import { commandRows } from './keys/commands.ts';
import { MENU } from './keys/menu.ts';
import { dataIds } from './lists.ts';
import type { ListId, State } from './state.ts';

/** Ids of the rows of any list, in the order shown. */
export function idsOf(state: State, list: ListId): string[] {
  switch (list) {
    case 'help':
    case 'palette':
      return commandRows(state).map((row) => row.id);
    case 'menu':
      return MENU.map((choice) => choice.id);
    default:
      return dataIds(state, list);
  }
}
