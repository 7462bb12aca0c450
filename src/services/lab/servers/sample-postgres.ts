import type { Client } from 'pg';
import { POSTGRES_SCHEMA } from '../app/postgres-schema.ts';

/** Sizes that give some tens of MB in a second or two. */
const USERS = 2_000;
const NOTES = 12_000;
const COMMENTS = 20_000;
const EVENTS = 50_000;
const FILES = 200;

const WORDS = `array['harbour','lantern','invoice','maple','quarter','signal','garden','copper',
  'meeting','draft','window','river','budget','ticket','summer','engine','paper','orbit','choir',
  'sketch','valley','release','bridge','coffee','market','train','island','pencil','thunder','map']`;

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

const WORD = `(${WORDS})[1 + floor(random() * 30)::int]`;
const sentence = (words: number, salt: string) =>
  `(select string_agg(${WORD}, ' ') from generate_series(1, ${words} + 0 * ${salt}))`;
const any = (count: number) => `1 + floor(random() * ${count})::int`;

const ROWS = `
select setseed(0.42);
insert into users (email, password_hash, created_at)
  select 'person' || n || '@example.org', $hash, now() - n * interval '4 hours'
  from generate_series(1, ${USERS}) n;
insert into notes (user_id, text, created_at)
  select ${any(USERS)}, ${sentence(14, 'n')}, now() - (${NOTES} - n) * interval '40 minutes'
  from generate_series(1, ${NOTES}) n;
insert into teams (name, plan, seats)
  select initcap(${WORD} || ' ' || ${WORD}), (enum_range(null::plan))[1 + n % 3], 3 + n % 40
  from generate_series(1, 120) n;
insert into memberships (team_id, user_id, role)
  select id, ${any(USERS)}, case n when 1 then 'owner' else 'member' end
  from teams, generate_series(1, 8) n on conflict do nothing;
insert into tags (name) select unnest(${WORDS});
insert into note_tags select ${any(NOTES)}, ${any(30)} from generate_series(1, ${NOTES})
  on conflict do nothing;
insert into comments (note_id, user_id, body)
  select ${any(NOTES)}, ${any(USERS)}, ${sentence(9, 'n')} from generate_series(1, ${COMMENTS}) n;
insert into files (note_id, name, content)
  select ${any(NOTES)}, ${WORD} || '.pdf',
    decode((select string_agg(md5(random()::text), '') from generate_series(1, 500 + 0 * n)), 'hex')
  from generate_series(1, ${FILES}) n;
insert into events (at, kind, payload)
  select now() - (${EVENTS} - n) * interval '10 minutes',
    (array['viewed','edited','shared','logged-in'])[1 + n % 4],
    jsonb_build_object('user', ${any(USERS)}, 'note', ${any(NOTES)}, 'ms', n % 900, 'tag', ${WORD})
  from generate_series(1, ${EVENTS}) n;
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
