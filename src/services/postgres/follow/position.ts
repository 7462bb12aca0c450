import type { Client } from 'pg';
import { type Lsn, lsnText, parseLsn } from './lsn.ts';

/** In the database that is written: up to where each feed has been applied. */
const SETUP = `
create schema if not exists portsync;
create table if not exists portsync.position (
  feed text primary key,
  origin text not null,
  lsn pg_catalog.pg_lsn not null
)`;

/**
 * Where to go on. A position that another feed of the same name left behind is replaced by `initial`.
 * @param origin tells one making of a feed from the next
 */
export async function openPosition(
  client: Client,
  feed: string,
  origin: string,
  initial: Lsn,
): Promise<Lsn> {
  const table = "select pg_catalog.to_regclass('portsync.position') is not null as there";
  const { rows } = await client.query(table);
  if (!rows[0]?.there) await client.query(SETUP);
  await client.query(
    `insert into portsync.position as p values ($1, $2, $3)
     on conflict (feed) do update set origin = excluded.origin, lsn = excluded.lsn
     where p.origin <> excluded.origin`,
    [feed, origin, lsnText(initial)],
  );
  const stored = await client.query('select lsn from portsync.position where feed = $1', [feed]);
  return parseLsn(stored.rows[0].lsn);
}

/**
 * Fails with 22012 when the position is not where we think: a session of ours that was given up may
 * have committed after all. Waits for such a session, which holds the row.
 */
export const GUARD = {
  name: 'portsync_guard',
  text: `with held as (select from portsync.position where feed = $1 and lsn = $2 for update)
    select 1 / pg_catalog.count(*) from held`,
};

export const ADVANCE = {
  name: 'portsync_advance',
  text: 'update portsync.position set lsn = $2 where feed = $1',
};
