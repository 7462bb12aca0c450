import type { RunningQuery } from '../model/database.ts';
import type { EnvChange, EnvVersion } from '../model/env.ts';
import { dataOf } from '../model/reading.ts';
import { only } from './joins.ts';
import { chosenRow, matches } from './list.ts';
import { memo } from './memo.ts';
import type { State } from './state.ts';

const NONE: EnvVersion[] = [];

const filtered = memo((versions: EnvVersion[], filter: string) =>
  versions.filter(({ at, author, host, reason, changed }) =>
    matches(filter, [at, author, host, reason, ...changed]),
  ),
);

/** Newest first. */
export function versionRows(state: State): EnvVersion[] {
  const versions = dataOf(only(state, 'env'))?.versions ?? NONE;
  return filtered(versions, state.lists.versions.filter);
}

export function chosenVersion(state: State): EnvVersion | null {
  const rows = versionRows(state);
  return (
    rows[
      chosenRow(
        state.lists.versions,
        rows.map((row) => row.id),
      )
    ] ?? null
  );
}

/** Of the chosen version; null until they were read. */
export function changeRows(state: State): readonly EnvChange[] | null {
  return state.env.version === chosenVersion(state)?.id ? state.env.changes : null;
}

export function chosenChange(state: State): EnvChange | null {
  const rows = changeRows(state) ?? [];
  return (
    rows[
      chosenRow(
        state.lists.changes,
        rows.map((row) => row.key),
      )
    ] ?? null
  );
}

const queriesOf = memo((slow: RunningQuery[], blockers: RunningQuery[], filter: string) => {
  const ids = new Set(slow.map((query) => query.id));
  const all = [...slow, ...blockers.filter((query) => !ids.has(query.id))];
  return all.filter((query) => matches(filter, [query.id, query.text]));
});

const NO_QUERIES: RunningQuery[] = [];

/** Slow ones first, then those that only hold others up. */
export function queryRows(state: State): RunningQuery[] {
  const database = dataOf(only(state, 'database'));
  const { filter } = state.lists.queries;
  return queriesOf(database?.slow ?? NO_QUERIES, database?.blockers ?? NO_QUERIES, filter);
}
