#!/bin/sh
# Brings a release to every host while the journal is in use: deploy/roll.sh RELEASE PORT HOST...
# /srv/journal/releases/RELEASE with its .venv stands on every host already. The first that fails ends it all.
set -eu
release=$1 port=$2
shift 2
folder=/srv/journal/releases/$release

on() {
    # shellcheck disable=SC2029  # the words are meant to be expanded here
    ssh "root@$1" "$2"
}

# The tables first, once, after a backup: the code that still runs works with them.
on "$1" "cd $folder && systemd-run --wait --pipe --quiet --property=User=journal --property=WorkingDirectory=$folder \
    --property=EnvironmentFile=/etc/journal/$port.env --setenv=INSTANCE_FOLDER=/var/lib/journal/$port \
    .venv/bin/flask --app wsgi upgrade"

for host in "$@"; do
    on "$host" "ln -sfn $folder /srv/journal/current && systemctl restart journal-web@$port journal-worker@$port"
    tries=0
    until on "$host" "curl --silent --fail --max-time 5 http://127.0.0.1:$port/healthz" >/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 30 ]; then
            echo "$host does not answer with $release. The others still run what they ran; look at: journalctl -u journal-web@$port" >&2
            exit 1
        fi
        sleep 1
    done
    echo "$host: $release"
done
