#!/bin/sh
# PostgreSQL's server programs for the tests; installed where we may, named where we may not.
set -e
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && exit 0
command -v initdb >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
else
    echo "The tests need PostgreSQL. Install it with: sudo apt-get install postgresql" >&2
    exit 1
fi
