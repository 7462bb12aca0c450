#!/bin/sh
exec node /usr/local/lib/mongosh.mjs "$@"
