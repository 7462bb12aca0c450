-- One of every kind of object that a copy has to get right, and the values that get lost most easily.
-- Runs on PostgreSQL 15 and later, as the superuser.

create extension if not exists hstore;
create extension if not exists pg_trgm;
create schema "Odd Schema; -- Type: TABLE";
create schema audit;
comment on schema audit is 'who did what; it''s kept';

create type mood as enum ('sad', 'ok', 'happy; or so', 'ünï');
create type point3 as (x float8, y float8, z float8);
create type span as range (subtype = float8, subtype_diff = float8mi);
create domain email as text check (value ~ '^[^@]+@[^@]+$');
create domain positive as integer not null default 1 check (value > 0);
create collation german (provider = icu, locale = 'de-DE');

create sequence ticket start 1000 increment 7 maxvalue 100000 cycle;
select nextval('ticket'), nextval('ticket'), nextval('ticket');
create sequence untouched;

create function shout(words text) returns text language plpgsql immutable as $body$
begin
  -- Name: not_an_object; Type: TABLE; Schema: public; Owner: -
  return upper(words) || '; $x$ -- "quoted" ''; ' || E'a\'b';
end $body$;
create function twice(n integer) returns integer language sql immutable
  begin atomic select n * 2; end;
create procedure noop() language sql as 'select 1; select 2';
create aggregate product(float8) (sfunc = float8mul, stype = float8, initcond = 1);
create operator === (leftarg = text, rightarg = text, function = texteq);
create cast (mood as integer) with inout;

create table people (
  id bigint generated always as identity primary key,
  name text not null collate german,
  address email unique,
  feeling mood default 'ok',
  feelings mood[] default '{}',
  home point3,
  attributes hstore,
  seats positive not null,
  born date,
  seen timestamptz,
  length interval,
  share numeric(20, 6),
  ratio float8,
  reach span,
  spans int4multirange,
  raw bytea,
  bits bit varying(12),
  net inet,
  hardware macaddr8,
  doc jsonb,
  page xml,
  path jsonpath,
  search tsvector,
  flags boolean[],
  matrix int[][],
  shape polygon,
  what regclass,
  dropped text,
  shouted text generated always as (upper(name collate "C")) stored,
  "Weird ""name""; --" integer default 3
) with (fillfactor = 80);
alter table people drop column dropped;
alter table people alter column raw set storage external;
alter table people alter column search set statistics 500;
comment on table people is 'People, with a '' and a $$';
comment on column people."Weird ""name""; --" is E'line\nbreak';
create index people_trigrams on people using gin (name gin_trgm_ops);
create index people_search on people using gin (search);
create index people_doc on people using gin (doc jsonb_path_ops) where doc is not null;
create index people_reach on people using gist (reach);
create index people_seen on people using brin (seen) with (pages_per_range = 4);
create index people_shout on people (shout(name)) include (seats);
create unique index people_identity on people (seats, id);
alter table people replica identity using index people_identity;
alter table people cluster on people_identity;
create statistics people_stats (dependencies, mcv) on feeling, seats from people;

insert into people (name, address, feeling, feelings, home, attributes, seats, born, seen, length,
  share, ratio, reach, spans, raw, bits, net, hardware, doc, page, path, search, flags, matrix, shape, what)
select 'Person ' || n || repeat(' ü', n % 5), 'p' || n || '@example.org',
  (enum_range(null::mood))[1 + n % 4], (enum_range(null::mood))[1:n % 5],
  case n % 3 when 0 then null else row(n, -n, 'nan')::point3 end,
  hstore('n', n::text) || hstore('null', null), 1 + n % 9,
  case n % 7 when 0 then date 'infinity' when 1 then date '-infinity' when 2 then date '4711-01-01 BC'
    else date '2000-01-01' + n end,
  case n % 5 when 0 then timestamptz 'infinity' when 1 then timestamptz '0044-03-15 12:00+00 BC'
    else now() + n * interval '1 hour' end,
  make_interval(years => -n, mins => n, secs => 0.000001 * n),
  case n % 4 when 0 then 'nan'::numeric else n / 7.0 end,
  (array['nan', 'infinity', '-infinity', '-0', '1e-300']::float8[])[1 + n % 5],
  case n % 6 when 0 then 'empty'::span else span(n, null, '(]') end,
  int4multirange(int4range(n, n + 1), int4range(n + 5, n + 9)),
  case n % 50 when 0 then decode(repeat(md5(n::text), 4000), 'hex') else decode(md5(n::text), 'hex') end,
  (n % 4096)::bit(12), ('10.0.' || n % 256 || '.1')::inet, macaddr8 '08:00:2b:01:02:03:04:05',
  jsonb_build_object('n', n, 'text', E'a\\b\t"', 'deep', jsonb_build_array(null, 1e20)),
  xmlelement(name row, n), '$.deep[*] ? (@ > 1)', to_tsvector('english', 'the running cats ' || n),
  array[true, null, false], array[[n, 2], [null, 4]], polygon '((0,0),(1,1),(2,0))', 'people'::regclass
from generate_series(1, 600) n;
insert into people (name, seats) overriding system value values ('', 1), (E'tab\tnew\nline\\.', 2), (E'\\N', 3);
insert into people (name, seats, raw) select 'toast', 1, string_agg(decode(md5(g::text), 'hex'), ''::bytea)
  from generate_series(1, 200000) g;

create table nothing ();
insert into nothing default values;
insert into nothing default values;
create table empty (id integer primary key);
create table only_generated (two integer generated always as (1 + 1) stored);
insert into only_generated default values;
create unlogged table scratch (id serial primary key, note text);
insert into scratch (note) values ('kept'), (null);
create table "Odd Schema; -- Type: TABLE"."Tab""le; '$$" ("sélect" text, "from" integer);
insert into "Odd Schema; -- Type: TABLE"."Tab""le; '$$" values ('ä', 1);
create index "in; dex" on "Odd Schema; -- Type: TABLE"."Tab""le; '$$" ("sélect");

create table parent (id integer primary key, kind text);
create table child (extra jsonb) inherits (parent);
create table grandchild (more numeric) inherits (child);
insert into parent values (1, 'parent');
insert into child values (2, 'child', '{}');
insert into grandchild values (3, 'grandchild', '[]', 1.5);

create table events (id bigint generated by default as identity, at timestamptz not null,
  region text not null, payload jsonb, primary key (id, at, region)) partition by range (at);
create table events_old partition of events for values from (minvalue) to ('2024-01-01');
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01')
  partition by list (region);
create table events_2024_eu partition of events_2024 for values in ('eu');
create table events_2024_rest partition of events_2024 default;
create table events_later (region text not null, id bigint not null, payload jsonb, at timestamptz not null);
alter table events attach partition events_later for values from ('2025-01-01') to (maxvalue);
create index events_by_payload on events using gin (payload);
create index events_by_region on events (region, at desc nulls last);
insert into events (at, region, payload)
  select timestamptz '2023-06-01 UTC' + n * interval '1 day', (array['eu', 'us', 'asia'])[1 + n % 3],
    jsonb_build_object('n', n) from generate_series(0, 1200) n;
create table buckets (id integer not null, v text) partition by hash (id);
create table buckets_0 partition of buckets for values with (modulus 2, remainder 0);
create table buckets_1 partition of buckets for values with (modulus 2, remainder 1);
alter table buckets add constraint buckets_key primary key (id);
insert into buckets select n, 'v' || n from generate_series(1, 500) n;

create table rooms (
  id integer, during tstzrange, note text,
  number integer,
  constraint rooms_key primary key (id) include (note) with (fillfactor = 70),
  constraint rooms_number unique (number) deferrable initially deferred,
  constraint rooms_note unique nulls not distinct (note),
  constraint rooms_free exclude using gist (during with &&),
  constraint rooms_check check (id > 0) no inherit
);
insert into rooms values (1, '[2024-01-01,2024-01-02)', 'a', 1), (2, '[2024-02-01,2024-02-02)', null, 2);
create table bookings (
  id serial primary key,
  room integer not null references rooms (id) deferrable,
  person bigint references people (id) on delete set null on update cascade,
  event bigint, event_at timestamptz, event_region text,
  bucket integer references buckets (id),
  constraint bookings_event foreign key (event, event_at, event_region)
    references events (id, at, region) match full
);
create unique index rooms_unique on rooms (id);
alter table rooms add constraint rooms_again unique using index rooms_unique;
insert into bookings (room, person, bucket) select 1 + n % 2, n, n from generate_series(1, 100) n;
alter table bookings add constraint bookings_sane check (id > 0) not valid;
alter table bookings replica identity full;
alter table empty replica identity nothing;
create table tree (id integer primary key, above integer references tree (id));
insert into tree values (1, null), (2, 1), (3, 2);

create view happy as select id, name from people where feeling = 'happy; or so';
create view per_person as
  select p.id, p.name, count(*) as bookings from people p join bookings b on b.person = p.id group by p.id;
create materialized view moods as select feeling, count(*) from people group by 1;
create unique index moods_key on moods (feeling);
create materialized view mood_names as select feeling::text as name from moods;
create materialized view unfilled as select 1 as one with no data;
create view checked as select * from rooms where id < 100 with local check option;

create function touch() returns trigger language plpgsql as
  $$ begin insert into audit.log (what) values (tg_table_name || '; ' || tg_op); return new; end $$;
create table audit.log (id serial, at timestamptz default now(), what text);
create trigger people_touch after insert or update on people for each row
  when (new.seats > 100) execute function touch();
create trigger events_touch after insert on events for each row execute function touch();
create constraint trigger rooms_late after insert on rooms deferrable initially deferred
  for each row execute function touch();
alter table people disable trigger people_touch;
create rule no_delete as on delete to empty do instead nothing;
create rule loud as on insert to tree where new.id > 100 do also (insert into audit.log (what) values ('tree'); select 1);
create table secrets (id integer primary key, owner name default current_user, body text);
insert into secrets values (1, 'nobody', 'hidden'), (2, current_user, 'mine');
alter table secrets enable row level security;
alter table secrets force row level security;
create policy own on secrets using (owner = current_user) with check (true);
create function on_ddl() returns event_trigger language plpgsql as $$ begin perform 1; end $$;
create event trigger watch_ddl on ddl_command_end when tag in ('CREATE POLICY') execute function on_ddl();
create publication theirs for table people (id, name, seats), rooms where (id > 0);
create text search configuration plain (copy = simple);
create foreign data wrapper elsewhere;
create server far foreign data wrapper elsewhere;
create foreign table outside (id integer) server far;

create role portsync_reader;
grant usage on schema audit to portsync_reader;
grant select on people to portsync_reader;
grant select (id, note) on rooms to portsync_reader;
alter default privileges in schema audit grant select on tables to portsync_reader;

select lo_from_bytea(700001, decode(repeat('00ff10', 900000), 'hex'));
select lo_from_bytea(700002, ''::bytea);
comment on index people_seen is 'by time';
comment on constraint rooms_free on rooms is 'one at a time';
comment on materialized view moods is 'how many';
