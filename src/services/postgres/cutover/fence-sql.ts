import pg from 'pg';
import { type QualifiedName, quoted } from '../names.ts';
import { OUR_SCHEMA } from './tables.ts';

/** Why the database takes no writes: the app left it, is not there yet, or was there and went back. */
export type FenceReason = 'moved' | 'receiving' | 'returned';

export const TRIGGER = 'portsync_fence';
export const FUNCTION = `${OUR_SCHEMA}.refuse_writes`;

/** The setting by which a session passes where `session_replication_role` is not ours to set. */
export const PASS = 'portsync.pass';

const WORDS: Record<FenceReason, { message: string; hint: string }> = {
  moved: {
    message: 'this database was moved by PortSync; writes go to the new one',
    hint: 'To go back: portsync migrate back. When the move is finished and you want to write here all the same: portsync migrate cleanup --lift-fence.',
  },
  receiving: {
    message:
      'PortSync moves another database into this one; it takes no writes until the app is here',
    hint: 'How far it is: portsync migrate status. To stop it: portsync migrate abort.',
  },
  returned: {
    message: 'PortSync moved the app back from this database; writes go to the one it came from',
    hint: 'Where the app is: portsync migrate status.',
  },
};

/** What `pg_proc.prosrc` holds of a fence that lets everybody through. */
export const LOWERED_BODY = 'begin return null; end';

/** Replacing the function raises or lowers the fence on all tables in one statement, without locks. */
export function functionSql(body: string): string {
  return `create or replace function ${FUNCTION}() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as ${pg.escapeLiteral(body)}`;
}

export function refusingBody(reason: FenceReason): string {
  const { message, hint } = WORDS[reason];
  return `begin
  if current_setting('${PASS}', true) is distinct from 'yes' then
    raise exception using errcode = '25006',
      message = ${pg.escapeLiteral(message)}, hint = ${pg.escapeLiteral(hint)};
  end if;
  return null;
end`;
}

/** Enables it as well where it is there and disabled. */
export function triggerSql(table: QualifiedName): string {
  return `create or replace trigger ${TRIGGER} before insert or update or delete or truncate
on ${quoted(table)} for each statement execute function ${FUNCTION}()`;
}

/** Takes ACCESS EXCLUSIVE for a moment: readers wait as well. */
export function dropTriggerSql(table: QualifiedName): string {
  return `drop trigger if exists ${TRIGGER} on ${quoted(table)}`;
}

/** For a transaction that holds the tables' locks; `create schema` asks for rights even if it is there. */
export function raiseSql(
  tables: QualifiedName[],
  reason: FenceReason,
  schemaThere: boolean,
): string[] {
  return [
    ...(schemaThere ? [] : [`create schema ${OUR_SCHEMA}`]),
    functionSql(refusingBody(reason)),
    ...tables.map(triggerSql),
  ];
}
