#!/bin/sh
# What a compose file uses of the official image's entry point: POSTGRES_USER, _PASSWORD, _DB, PGDATA.
set -e
: "${POSTGRES_PASSWORD:?}"
user=${POSTGRES_USER:-postgres}
mkdir -p "$PGDATA" /run/postgresql
chown postgres "$PGDATA" /run/postgresql
chmod 700 "$PGDATA"
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" >/run/postgresql/password
  chown postgres /run/postgresql/password
  as_postgres initdb -U "$user" --pwfile=/run/postgresql/password --auth-host=scram-sha-256 \
    --auth-local=trust -D "$PGDATA" >/dev/null
  rm /run/postgresql/password
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "create database \"${POSTGRES_DB:-$user}\"" | as_postgres postgres --single -D "$PGDATA" postgres >/dev/null
fi
[ "$1" = postgres ] && shift
exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$PGDATA" -c listen_addresses='*' "$@"
