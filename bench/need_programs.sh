#!/bin/sh
# What the benchmark needs besides the tests' programs: wrk, which asks; installed where we may, named where we may not.
set -e
sh "$(dirname "$0")/../tests/need_programs.sh"
command -v wrk >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq wrk >/dev/null
else
    echo "The benchmark needs wrk. Install it with: sudo apt-get install wrk" >&2
    exit 1
fi
