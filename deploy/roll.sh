#!/bin/sh
# Brings a release to every host while the journal is in use: deploy/roll.sh RELEASE PORT NGINX HOST...
# /srv/journal/releases/RELEASE with its .venv stands on every host already; hosts are named as in upstream.conf.
# The first that fails ends it all, and is sent nobody until somebody has looked.
set -eu
release=$1 port=$2 nginx=$3
shift 3
folder=/srv/journal/releases/$release

on() {
    # shellcheck disable=SC2029  # the words are meant to be expanded here
    ssh "root@$1" "$2"
}

leave_out() {
    on "$nginx" "sed -i 's/server $1:$port /&down /' /etc/nginx/journal/upstream.conf && nginx -s reload"
}

take_in() {
    on "$nginx" "sed -i 's/server $1:$port down /server $1:$port /' /etc/nginx/journal/upstream.conf && nginx -s reload"
}

# The tables first, once, after a backup: the code that still runs works with them.
on "$1" "cd $folder && systemd-run --wait --pipe --quiet --property=User=journal --property=WorkingDirectory=$folder \
    --property=EnvironmentFile=/etc/journal/$port.env --setenv=INSTANCE_FOLDER=/var/lib/journal/$port \
    .venv/bin/flask --app wsgi upgrade"

for host in "$@"; do
    leave_out "$host"
    sleep 1
    on "$host" "ln -sfn $folder /srv/journal/current && systemctl restart journal-web@$port journal-worker@$port"
    tries=0
    until on "$host" "curl --silent --fail --max-time 5 http://127.0.0.1:$port/healthz" >/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 60 ]; then
            echo "$host does not answer with $release, and is left out. The others run what they ran." >&2
            echo "Look at: journalctl -u journal-web@$port" >&2
            exit 1
        fi
        sleep 1
    done
    take_in "$host"
    echo "$host: $release"
done
