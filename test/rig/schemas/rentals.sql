-- A shop that rents films, in the manner of the sample database that PostgreSQL people know: domains,
-- enums, arrays, full text by a trigger, cyclic foreign keys, payments in monthly partitions.

create type rating as enum ('G', 'PG', 'PG-13', 'R', 'NC-17');
create domain production_year as integer check (value between 1901 and 2155);
create schema reports;

create function stamp() returns trigger language plpgsql as
  $$ begin new.last_update := current_timestamp; return new; end $$;
create function joined(text, text) returns text language sql immutable as
  $_$ select case when $1 is null then $2 else $1 || ', ' || $2 end $_$;
create aggregate listed(text) (sfunc = joined, stype = text);

create table country (country_id serial primary key, country text not null,
  last_update timestamptz not null default now());
create table city (city_id serial primary key, city text not null,
  country_id integer not null references country on update cascade on delete restrict,
  last_update timestamptz not null default now());
create table address (address_id serial primary key, address text not null, address2 text,
  district text not null, city_id integer not null references city, postal_code text,
  phone text not null default '', last_update timestamptz not null default now());
create table store (store_id serial primary key, manager_id integer not null unique,
  address_id integer not null references address, last_update timestamptz not null default now());
create table staff (staff_id serial primary key, first_name text not null, last_name text not null,
  address_id integer not null references address, email text, store_id integer not null,
  active boolean not null default true, username text not null, password text, picture bytea,
  last_update timestamptz not null default now());
create table language (language_id serial primary key, name character(20) not null,
  last_update timestamptz not null default now());
create table category (category_id serial primary key, name text not null,
  last_update timestamptz not null default now());
create table actor (actor_id serial primary key, first_name text not null, last_name text not null,
  last_update timestamptz not null default now());
create table film (film_id serial primary key, title text not null, description text,
  release_year production_year, language_id integer not null references language,
  original_language_id integer references language, rental_duration smallint not null default 3,
  rental_rate numeric(4, 2) not null default 4.99, length smallint,
  replacement_cost numeric(5, 2) not null default 19.99, rating rating default 'G',
  last_update timestamptz not null default now(), special_features text[], fulltext tsvector not null);
create table film_actor (actor_id integer references actor, film_id integer references film,
  last_update timestamptz not null default now(), primary key (actor_id, film_id));
create table film_category (film_id integer references film, category_id integer references category,
  last_update timestamptz not null default now(), primary key (film_id, category_id));
create table customer (customer_id serial primary key, store_id integer not null references store,
  first_name text not null, last_name text not null, email text,
  address_id integer not null references address, activebool boolean not null default true,
  create_date date not null default current_date, last_update timestamptz default now());
create table inventory (inventory_id serial primary key, film_id integer not null references film,
  store_id integer not null references store, last_update timestamptz not null default now());
create table rental (rental_id serial primary key, rental_date timestamptz not null,
  inventory_id integer not null references inventory, customer_id integer not null references customer,
  return_date timestamptz, staff_id integer not null references staff,
  last_update timestamptz not null default now());
create table payment (payment_id serial, customer_id integer not null references customer,
  staff_id integer not null references staff, rental_id integer not null references rental,
  amount numeric(5, 2) not null, payment_date timestamptz not null,
  primary key (payment_date, payment_id)) partition by range (payment_date);
do $$ begin
  for m in 1..7 loop
    execute format('create table payment_p2022_%s partition of payment for values from (%L) to (%L)',
      lpad(m::text, 2, '0'), make_date(2022, m, 1), make_date(2022, m + 1, 1));
  end loop;
end $$;

insert into country (country) select 'Country ' || n from generate_series(1, 109) n;
insert into city (city, country_id) select 'City ' || n, 1 + n % 109 from generate_series(1, 600) n;
insert into address (address, district, city_id, postal_code, phone)
  select n || ' Harbour Street', 'District ' || n % 40, 1 + n % 600, lpad(n::text, 5, '0'), '+' || n * 7919
  from generate_series(1, 603) n;
insert into store (manager_id, address_id) values (1, 1), (2, 2);
insert into staff (first_name, last_name, address_id, store_id, username, picture)
  values ('Mika', 'Hill', 3, 1, 'mika', decode('89504e470d0a', 'hex')), ('Jo', 'Stern', 4, 2, 'jo', null);
alter table store add foreign key (manager_id) references staff on update cascade;
alter table staff add foreign key (store_id) references store;
insert into language (name) values ('English'), ('Italian'), ('Japanese'), ('Mandarin'), ('French'), ('German');
insert into category (name) select 'Category ' || n from generate_series(1, 16) n;
insert into actor (first_name, last_name) select 'First' || n, 'Last' || n % 121 from generate_series(1, 200) n;

create trigger film_fulltext before insert or update on film for each row
  execute function tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
insert into film (title, description, release_year, language_id, length, rating, special_features)
  select 'Film ' || n, 'A story of a ' || (array['baker', 'robot', 'sailor', 'teacher'])[1 + n % 4] || ' in ' || n,
    1980 + n % 40, 1 + n % 6, 46 + n % 140, (enum_range(null::rating))[1 + n % 5],
    (array['Trailers', 'Commentaries', 'Deleted Scenes'])[1:n % 4]
  from generate_series(1, 1000) n;
insert into film_actor select 1 + n % 200, 1 + (n * 7) % 1000 from generate_series(1, 5462) n on conflict do nothing;
insert into film_category select n, 1 + n % 16 from generate_series(1, 1000) n;
insert into customer (store_id, first_name, last_name, email, address_id)
  select 1 + n % 2, 'Name' || n, 'Family' || n, 'c' || n || '@example.org', 1 + n from generate_series(1, 599) n;
insert into inventory (film_id, store_id) select 1 + n % 1000, 1 + n % 2 from generate_series(1, 4581) n;
insert into rental (rental_date, inventory_id, customer_id, return_date, staff_id)
  select timestamptz '2022-01-02 UTC' + n * interval '18 minutes', 1 + n % 4581, 1 + n % 599,
    case when n % 90 > 0 then timestamptz '2022-01-05 UTC' + n * interval '19 minutes' end, 1 + n % 2
  from generate_series(1, 16044) n;
insert into payment (customer_id, staff_id, rental_id, amount, payment_date)
  select customer_id, staff_id, rental_id, rental_id % 9 + 0.99, rental_date from rental where rental_date < '2022-07-31';

create function film_in_stock(film integer, store integer, out copies integer) language sql as
  $_$ select count(*)::integer from inventory where film_id = $1 and store_id = $2 $_$;
create function last_day(day timestamptz) returns date language sql immutable strict as
  $$ select (date_trunc('month', day at time zone 'UTC') + interval '1 month - 1 day')::date $$;
create function reports.best(at_least numeric) returns setof customer language plpgsql security definer as $_$
declare row customer%rowtype;
begin
  for row in select c.* from customer c where (select sum(amount) from payment p
    where p.customer_id = c.customer_id) > at_least loop
    return next row;
  end loop;
end $_$;

create view actor_info as
  select a.actor_id, a.first_name, listed(distinct c.name) as films
  from actor a left join film_actor using (actor_id) left join film_category fc using (film_id)
  left join category c using (category_id) group by a.actor_id;
create view customer_list as select c.customer_id as id, c.first_name || ' ' || c.last_name as name,
  a.address, city.city, case when c.activebool then 'active' else '' end as notes
  from customer c join address a using (address_id) join city using (city_id);
create materialized view reports.rental_by_category as
  select c.name as category, sum(p.amount) as total from payment p join rental using (rental_id)
  join inventory using (inventory_id) join film_category using (film_id) join category c using (category_id)
  group by c.name;
create unique index rental_category on reports.rental_by_category (category);

create index film_fulltext_idx on film using gist (fulltext);
create index idx_actor_last_name on actor (last_name);
create index idx_title on film (title);
create index idx_last_name on customer (last_name);
create unique index idx_unq_rental on rental (rental_date, inventory_id, customer_id);
create index idx_payment_customer on payment (customer_id);
do $$ declare t text; begin
  foreach t in array array['actor','address','category','city','country','customer','film','film_actor',
    'film_category','inventory','language','rental','staff','store'] loop
    execute format('create trigger last_updated before update on %I for each row execute function stamp()', t);
  end loop;
end $$;
