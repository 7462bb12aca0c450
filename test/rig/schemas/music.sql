-- A shop that sells music files, in the manner of a sample database that many engines share: names in
-- mixed case, money, a table that points at itself, a table of nothing but its key.

create table "Artist" ("ArtistId" integer primary key, "Name" varchar(120));
create table "Album" ("AlbumId" integer primary key, "Title" varchar(160) not null,
  "ArtistId" integer not null references "Artist");
create table "Employee" ("EmployeeId" integer primary key, "LastName" varchar(20) not null,
  "FirstName" varchar(20) not null, "ReportsTo" integer references "Employee", "BirthDate" timestamp,
  "HireDate" timestamp, "Email" varchar(60));
create table "Customer" ("CustomerId" integer primary key, "FirstName" varchar(40) not null,
  "Company" varchar(80), "Email" varchar(60) not null, "SupportRepId" integer references "Employee");
create table "Genre" ("GenreId" integer primary key, "Name" varchar(120));
create table "MediaType" ("MediaTypeId" integer primary key, "Name" varchar(120));
create table "Track" ("TrackId" integer primary key, "Name" varchar(200) not null,
  "AlbumId" integer references "Album", "MediaTypeId" integer not null references "MediaType",
  "GenreId" integer references "Genre", "Composer" varchar(220), "Milliseconds" integer not null,
  "Bytes" integer, "UnitPrice" numeric(10, 2) not null);
create table "Invoice" ("InvoiceId" integer primary key, "CustomerId" integer not null references "Customer",
  "InvoiceDate" timestamp not null, "BillingCity" varchar(40), "Total" numeric(10, 2) not null);
create table "InvoiceLine" ("InvoiceLineId" integer primary key,
  "InvoiceId" integer not null references "Invoice", "TrackId" integer not null references "Track",
  "UnitPrice" money not null, "Quantity" integer not null);
create table "Playlist" ("PlaylistId" integer primary key, "Name" varchar(120));
create table "PlaylistTrack" ("PlaylistId" integer not null references "Playlist",
  "TrackId" integer not null references "Track", primary key ("PlaylistId", "TrackId"));

insert into "Artist" select n, 'Artist ' || n || case n % 9 when 0 then ' & Søn' else '' end from generate_series(1, 275) n;
insert into "Album" select n, 'Album "' || n || '"', 1 + n % 275 from generate_series(1, 347) n;
insert into "Employee" select n, 'Last' || n, 'First' || n, nullif(n / 2, 0), '1970-01-01', '2002-08-14',
  'e' || n || '@example.org' from generate_series(1, 8) n;
insert into "Customer" select n, 'First' || n, nullif('Company ' || n, 'Company 7'), 'c' || n || '@example.org',
  1 + n % 8 from generate_series(1, 59) n;
insert into "Genre" select n, 'Genre ' || n from generate_series(1, 25) n;
insert into "MediaType" select n, 'Kind ' || n from generate_series(1, 5) n;
insert into "Track" select n, 'Track ' || n, 1 + n % 347, 1 + n % 5, 1 + n % 25,
  case n % 3 when 0 then null else 'Composer ' || n end, 1000 * n, 31 * n, 0.99 from generate_series(1, 3503) n;
insert into "Invoice" select n, 1 + n % 59, timestamp '2021-01-01' + n * interval '3 days', 'City ' || n, n / 7.0
  from generate_series(1, 412) n;
insert into "InvoiceLine" select n, 1 + n % 412, 1 + n % 3503, '0.99'::money, 1 from generate_series(1, 2240) n;
insert into "Playlist" select n, 'List ' || n from generate_series(1, 18) n;
insert into "PlaylistTrack" select 1 + n % 18, 1 + (n * 13) % 3503 from generate_series(1, 8715) n on conflict do nothing;

create index "IFK_AlbumArtistId" on "Album" ("ArtistId");
create index "IFK_TrackAlbumId" on "Track" ("AlbumId");
create index "IFK_InvoiceLineTrackId" on "InvoiceLine" ("TrackId");
create index "IFK_PlaylistTrackTrackId" on "PlaylistTrack" ("TrackId");
