#!/bin/bash
# What a compose file uses of the official image's entry point: MONGO_INITDB_ROOT_USERNAME, _PASSWORD.
set -e
data=/data/db
[ "$1" = mongod ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  mkdir -p $data
  chown mongodb $data
  exec setpriv --reuid=mongodb --regid=mongodb --init-groups "$0" "$@"
fi
if [ -n "$MONGO_INITDB_ROOT_USERNAME" ] && [ ! -e $data/WiredTiger ]; then
  mongod --fork --logpath /tmp/first.log --bind_ip 127.0.0.1
  mongosh --quiet --eval 'const { env } = process;
    db.getSiblingDB("admin").createUser({ user: env.MONGO_INITDB_ROOT_USERNAME,
      pwd: env.MONGO_INITDB_ROOT_PASSWORD, roles: ["root"] })'
  mongod --shutdown
fi
case " $* " in *' --bind_ip'*) ;; *) set -- "$@" --bind_ip_all ;; esac
exec "$@" ${MONGO_INITDB_ROOT_USERNAME:+--auth}
