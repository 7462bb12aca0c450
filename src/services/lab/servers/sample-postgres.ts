import type { Client } from 'pg';
import { POSTGRES_SCHEMA } from '../../../../starter/lib/postgres-schema.ts';

/** Sizes that make some 20 MB in about a second. */
const USERS = 2_000;
const NOTES = 8_000;
const COMMENTS = 12_000;
const EVENTS = 30_000;
const FILES = 100;

/** Constant arrays, which cost a lookup for each pick: the lab is to be ready in seconds. */
const PHRASES = `array['call the harbour','send the invoice','a draft of the map','before the meeting',
  'ask for a quarter','paint the window','two tickets','train to the island','paper and copper',
  'for the summer market','below the bridge','maple from the valley','no coffee left','a lantern',
  'next release','budget in the drawer','engine and signal','choir on thunder','sketch by the river',
  'garden until Friday']`;
const TAGS = `array['home','work','travel','ideas','urgent','later','shop','music','books','food']`;

/** What a small shop of notes has after a year: keys, types, a trigger, a view, several indexes. */
const TABLES = `
create type plan as enum ('free', 'team', 'company');
create table teams (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  plan plan not null default 'free',
  seats integer not null check (seats > 0),
  updated_at timestamptz not null default now()
);
create table memberships (
  team_id uuid not null references teams (id) on delete cascade,
  user_id bigint not null references users (id) on delete cascade,
  role text not null,
  primary key (team_id, user_id)
);
create table tags (id serial primary key, name text not null unique);
create table note_tags (
  note_id bigint not null references notes (id) on delete cascade,
  tag_id integer not null references tags (id),
  primary key (note_id, tag_id)
);
create table comments (
  id bigint generated always as identity primary key,
  note_id bigint not null references notes (id) on delete cascade,
  user_id bigint not null references users (id) on delete cascade,
  body text not null,
  words integer generated always as (array_length(string_to_array(body, ' '), 1)) stored,
  created_at timestamptz not null default now()
);
create table files (
  id uuid primary key default gen_random_uuid(),
  note_id bigint references notes (id) on delete set null,
  name text not null,
  content bytea not null
);
create table events (
  id bigserial primary key,
  at timestamptz not null,
  kind text not null,
  payload jsonb not null
);
create function touch() returns trigger language plpgsql as
  $$ begin new.updated_at := now(); return new; end $$;
create trigger teams_touch before update on teams for each row execute function touch();
create view busy_users as
  select users.id, users.email, count(*) as notes from users join notes on notes.user_id = users.id
  group by users.id;
`;

const pick = (from: string, count: number) => `(${from})[1 + floor(random() * ${count})::int]`;
const sentence = (phrases: number) =>
  Array.from({ length: phrases }, () => pick(PHRASES, 20)).join(" || ', ' || ");
const any = (count: number) => `1 + floor(random() * ${count})::int`;

// Every reference is right by construction, and looking each up would take half of the time.
const ROWS = `
select setseed(0.42);
set local session_replication_role = replica;
insert into users (email, password_hash, created_at)
  select 'person' || n || '@example.org', $hash, now() - n * interval '4 hours'
  from generate_series(1, ${USERS}) n;
insert into notes (user_id, text, created_at)
  select ${any(USERS)}, ${sentence(4)}, now() - (${NOTES} - n) * interval '40 minutes'
  from generate_series(1, ${NOTES}) n;
insert into teams (name, plan, seats)
  select initcap(${pick(TAGS, 10)}) || ' team', (enum_range(null::plan))[1 + n % 3], 3 + n % 40
  from generate_series(1, 120) n;
insert into memberships (team_id, user_id, role)
  select id, ${any(USERS)}, case n when 1 then 'owner' else 'member' end
  from teams, generate_series(1, 8) n on conflict do nothing;
insert into tags (name) select unnest(${TAGS});
insert into note_tags select ${any(NOTES)}, ${any(10)} from generate_series(1, ${NOTES})
  on conflict do nothing;
insert into comments (note_id, user_id, body)
  select ${any(NOTES)}, ${any(USERS)}, ${sentence(2)} from generate_series(1, ${COMMENTS}) n;
insert into files (note_id, name, content)
  select ${any(NOTES)}, ${pick(TAGS, 10)} || '.pdf',
    decode((select string_agg(md5(random()::text), '') from generate_series(1, 250 + 0 * n)), 'hex')
  from generate_series(1, ${FILES}) n;
insert into events (at, kind, payload)
  select now() - (${EVENTS} - n) * interval '10 minutes',
    (array['viewed','edited','shared','logged-in'])[1 + n % 4],
    jsonb_build_object('user', ${any(USERS)}, 'note', ${any(NOTES)}, 'ms', n % 900, 'tag', ${pick(TAGS, 10)})
  from generate_series(1, ${EVENTS}) n;
set local session_replication_role = origin;
`;

const INDEXES = `
create index memberships_by_user on memberships (user_id);
create index comments_by_note on comments (note_id, created_at);
create index files_by_note on files (note_id) where note_id is not null;
create index events_by_time on events using brin (at);
create index events_by_payload on events using gin (payload jsonb_path_ops);
create index notes_by_words on notes using gin (to_tsvector('english', text));
`;

/** Fills an empty database. Nobody knows the password behind `passwordHash`. */
export async function fillPostgres(client: Client, passwordHash: string): Promise<void> {
  await client.query('set synchronous_commit = off');
  const rows = ROWS.replace('$hash', `'${passwordHash}'`);
  await client.query(`begin; ${POSTGRES_SCHEMA} ${TABLES} ${rows} ${INDEXES} commit;`);
  await client.query('analyze');
}
