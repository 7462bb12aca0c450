import pg from 'pg';

/** Rows of the full set: 1.2 GB on disk with its indexes. */
const USERS = 300_000;
const ORDERS = 2_000_000;
const LINES = 4_000_000;
const DOCUMENTS = 250_000;
const EVENTS = 1_500_000;
const FILES = 800;

const SCHEMA = `
create type state as enum ('new', 'paid', 'sent', 'back');
create table users (id bigint generated always as identity, email text not null, name text not null,
  born date, settings jsonb not null, created_at timestamptz not null);
create table orders (id bigint not null, user_id bigint not null, at timestamptz not null,
  state state not null, total numeric(10, 2) not null) partition by range (at);
create table lines (order_id bigint not null, position smallint not null, article integer not null,
  count integer not null, price numeric(8, 2) not null);
create table documents (id uuid not null, owner bigint not null, body jsonb not null, tags text[] not null);
create table events (id bigint not null, at timestamptz not null, kind text not null, ip inet, ms float8);
create table files (id integer not null, content bytea not null);
alter table files alter content set storage external;`;

const KEYS = `
alter table users add primary key (id);
create unique index on users (lower(email));
create index on users using gin (settings jsonb_path_ops);
alter table orders add primary key (id, at);
create index on orders (user_id, at desc);
alter table lines add primary key (order_id, position);
create index on lines (article);
alter table documents add primary key (id);
create index on documents using gin (body jsonb_path_ops);
create index on documents using gin (tags);
alter table events add primary key (id);
create index on events using brin (at);
create index on events (kind, at);
alter table files add primary key (id);
alter table orders add foreign key (user_id) references users;
alter table documents add foreign key (owner) references users;`;

function rows(scale: number): string {
  const of = (count: number) => Math.max(1, Math.round(count * scale));
  const users = of(USERS);
  return `
insert into users (email, name, born, settings, created_at)
  select 'user' || n || '@example.org', md5(n::text), date '1950-01-01' + n % 20000,
    jsonb_build_object('theme', n % 7, 'mail', n % 2 = 0, 'lang', (array['en','de','fr'])[1 + n % 3]), now()
  from generate_series(1, ${users}) n;
insert into orders select n, 1 + (n * 7919::bigint) % ${users}, timestamptz '2024-01-01 UTC' + n % 31536000 * interval '1 second'
    + n % 365 * interval '1 day' * 0.99, (enum_range(null::state))[1 + n % 4], n % 90000 / 100.0
  from generate_series(1, ${of(ORDERS)}) n;
insert into lines select n / 2, n % 2, (n * 31::bigint) % 50000, 1 + n % 9, n % 9000 / 100.0
  from generate_series(1, ${of(LINES)}) n;
insert into documents select md5(n::text)::uuid, 1 + n % ${users},
    jsonb_build_object('title', md5((n * 3)::text), 'kind', n % 40, 'words', jsonb_build_array(n % 1000, n % 77, md5(n::text)),
      'text', repeat(md5(n::text), 6)), array['t' || n % 50, 't' || n % 333]
  from generate_series(1, ${of(DOCUMENTS)}) n;
insert into events select n, timestamptz '2024-01-01 UTC' + n * interval '20 seconds', 'kind ' || n % 60,
    ('10.0.' || n % 256 || '.7')::inet, n / 7.0 from generate_series(1, ${of(EVENTS)}) n;
insert into files select n, (select string_agg(sha512((n || ':' || g)::text::bytea), ''::bytea) from generate_series(1, 2000) g)
  from generate_series(1, ${of(FILES)}) n;`;
}

function partitions(): string {
  const month = (n: number) => `'${2024 + Math.floor(n / 12)}-${(n % 12) + 1}-01 UTC'`;
  return Array.from(
    { length: 24 },
    (_, n) =>
      `create table orders_${n} partition of orders for values from (${month(n)}) to (${month(n + 1)});`,
  ).join('\n');
}

/** A shop's data: narrow rows and wide ones, jsonb, bytea, partitions, several kinds of index, keys. */
export async function fillShop(url: string, scale: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('set synchronous_commit = off; set maintenance_work_mem = 262144');
    for (const sql of [SCHEMA, partitions(), rows(scale), KEYS]) await client.query(sql);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}
