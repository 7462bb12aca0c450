import type pg from 'pg';

/** Tables of every kind that following treats otherwise; both sides start with them, empty. */
export const SCHEMA = `
create type mood as enum ('sad', 'ok', 'it''s "fine"');
create domain positive as int check (value >= 0);
create type pair as (a int, b text);
create table keyed (id int primary key, n int, gone int, t text, big text, u int unique,
  twice int generated always as (n * 2) stored);
alter table keyed drop column gone;
alter table keyed alter column big set storage external;
create table ident (id bigint generated always as identity primary key, v text);
create table multi (a int, b text, v numeric, primary key (b, a));
create table onlykey (a int, b int, primary key (a, b));
create table whole (id int primary key, j json, big text);
alter table whole alter column big set storage external;
alter table whole replica identity full;
create table keyless (a int, t text, j json, p point);
create table byindex (id int, code text not null unique, v text);
alter table byindex replica identity using index byindex_code_key;
create table parted (id int, region int, v text, primary key (id, region)) partition by list (region);
create table parted_1 partition of parted for values in (1);
create table parted_2 partition of parted for values in (2, 3);
create schema "Größe ""x""";
create table "Größe ""x"""."T a.b" ("Ключ ""k" text primary key, "select" text);
create table parent (id int primary key, v int);
create table child (id int primary key, parent int references parent on delete cascade, v int);
create table kinds (id int primary key, m mood, b bool, y bytea, w timestamptz, i interval, f float8, a int[],
  x text[], c char(5), r int4range, o jsonb, d positive, e pair, ip inet, u uuid);
create table counter (id int primary key, n bigint not null);
create table ancestor (id int primary key, v int);
create table descendant (primary key (id)) inherits (ancestor);
`;

const TABLES = [
  ...[
    'keyed',
    'ident',
    'multi',
    'onlykey',
    'whole',
    'keyless',
    'byindex',
    'parted',
    'parent',
    'child',
  ],
  ...['kinds', 'counter', 'only ancestor', 'descendant', '"Größe ""x"""."T a.b"'],
];

export const CONTENTS = TABLES.map(
  (table) => `select '${table.replaceAll("'", "''")}' as name, count(*)::int as rows,
    md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) as sum from ${table} t`,
)
  .join(' union all ')
  .concat(' order by name');

export type Random = (below: number) => number;

/** The same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Runs `count` transactions, each of a few statements; a third of those that can fail are left failed. */
export async function work(client: pg.Client, random: Random, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const statements = Array.from({ length: 1 + random(4) }, () => statement(random));
    await client.query(['begin', ...statements, 'commit'].join(';')).catch(async (error) => {
      if (!/^(23|22)/.test(error.code)) throw error;
      await client.query('rollback');
    });
    if (random(10) === 0) await client.query('begin; insert into counter values (-1, 0); rollback');
    await client.query(
      'insert into counter values (0, 1) on conflict (id) do update set n = counter.n + 1',
    );
  }
}

function statement(random: Random): string {
  const id = random(40);
  const text = `'v${random(1000)} "q" \\ ''x'' ü'`;
  const big = `repeat('${String.fromCharCode(97 + random(26))}', 9000)`;
  const options = [
    `insert into keyed values (${id}, ${random(99)}, ${text}, ${big}, ${random(60)}) on conflict do nothing`,
    `update keyed set n = ${random(99)} where id = ${id}`,
    `update keyed set t = null, n = n + 1 where id < ${id}`,
    `update keyed set big = ${big} where id = ${id}`,
    `update keyed set id = ${random(40)} where id = ${id}`,
    `delete from keyed where id = ${id}`,
    `with d as (delete from keyed where id = ${id} returning 1) select * from d;
     insert into keyed values (${id}, 1, ${text}, ${big}, null) on conflict do nothing`,
    swap(random),
    `insert into ident (v) values (${text})`,
    `update ident set v = ${text} where id % 7 = ${random(7)}`,
    `delete from ident where id % 11 = ${random(11)}`,
    `insert into multi values (${random(5)}, ${text}, ${random(100)} / 7.0) on conflict (a, b) do update set v = 1.50`,
    `update multi set a = a + 1 where a = ${random(5)} and b = ${text}`,
    `delete from multi where a = ${random(5)}`,
    `insert into onlykey values (${random(5)}, ${random(5)}) on conflict do nothing`,
    `update onlykey set a = a where b = ${random(5)}`,
    `delete from onlykey where b = ${random(5)}`,
    `insert into whole values (${id}, '{"a": ${id}}', ${big}) on conflict (id) do update set j = '[1, 2]'`,
    `update whole set id = id + 100 where id = ${id}`,
    `delete from whole where id = ${id}`,
    `insert into keyless values (${random(3)}, ${random(2) ? 'null' : `'x'`}, '{}', '(1,2)')`,
    `update keyless set t = 'y' where ctid = (select ctid from keyless limit 1)`,
    `delete from keyless where a = ${random(9)}`,
    `insert into byindex values (${id}, 'c${random(20)}', ${text}) on conflict (code) do update set v = ${text}`,
    `update byindex set code = code || 'x' where code = 'c${random(20)}'`,
    `delete from byindex where id = ${id}`,
    `insert into parted values (${id}, ${1 + random(3)}, ${text}) on conflict do nothing`,
    `update parted set region = ${1 + random(3)} where id = ${id}`,
    `delete from parted where id = ${id}`,
    `insert into "Größe ""x"""."T a.b" values (${text}, 'ж') on conflict do nothing`,
    `update "Größe ""x"""."T a.b" set "select" = ${text} where "Ключ ""k" = ${text}`,
    `insert into parent values (${id}, 1) on conflict (id) do update set v = parent.v + 1`,
    `insert into child select ${random(99)}, id, 1 from parent where id = ${id} on conflict do nothing`,
    `delete from parent where id = ${id}`,
    `insert into kinds values (${id}, 'it''s "fine"', ${random(2) === 1}, '\\x00ff5c', now(), '1 mon 2 days 3 s', 0.1 + ${id},
      '{1,null,3}', '{"a b",null,"q\\"\\\\"}', 'ab', '[1,5)', '{"k": [null, 1.0]}', 3, row(1, 'x,"y'), '10.0.0.1/8',
      gen_random_uuid()) on conflict (id) do update set f = kinds.f / 3, m = null, w = now()`,
    `insert into ancestor values (${id}, 1) on conflict do nothing`,
    `insert into descendant values (${id + 50}, 1) on conflict do nothing`,
    `update ancestor set v = v + 1`,
    ...(random(25) === 0 ? [truncation(random)] : []),
  ];
  return options[random(options.length)] ?? '';
}

/** Unique values that go round: a to none, b to a, none to b. */
function swap(random: Random): string {
  const [a, b] = [random(40), random(40)];
  return `update keyed set u = u + 1000 where id = ${a};
    update keyed set u = (select u - 1000 from keyed where id = ${a}) + 2000 where id = ${b};
    update keyed set u = u - 2000 where u >= 2000; update keyed set u = u - 1000 where u >= 1000`;
}

function truncation(random: Random): string {
  const all = ['truncate parent cascade', 'truncate keyless', 'truncate ident restart identity'];
  return (
    [...all, 'truncate keyed, parted', 'truncate only ancestor', 'truncate parted_1'][random(6)] ??
    ''
  );
}
