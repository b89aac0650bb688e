#!/bin/sh
# As in the official image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB (each also as …_FILE), POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD, PGDATA, /docker-entrypoint-initdb.d.
set -eu
PATH="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH"
export PATH PGDATA="${PGDATA:-/var/lib/postgresql/data}"

case "${1:-postgres}" in
  -*) set -- postgres "$@" ;;
  postgres) ;;
  *) exec "$@" ;;
esac

# PostgreSQL refuses to run as root; the directories become its own, then everything goes on as that user.
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

from_file() {
  eval "file=\${$1_FILE:-}"
  [ -z "$file" ] || export "$1=$(cat "$file")"
}

initialise() {
  for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB; do from_file "$name"; done
  user="${POSTGRES_USER:-postgres}"
  database="${POSTGRES_DB:-$user}"
  method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo 'Database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust.' >&2
    exit 1
  fi
  password_file="$(mktemp)"
  printf '%s\n' "${POSTGRES_PASSWORD:-unused}" > "$password_file"
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile="$password_file" --auth-local=trust --auth-host="$method" --encoding=UTF8 --locale=C.UTF-8 --no-sync ${POSTGRES_INITDB_ARGS:-}
  rm -f "$password_file"
  echo "host all all all $method" >> "$PGDATA/pg_hba.conf"
  pg_ctl --silent --wait --options="-c listen_addresses=''" start
  if [ "$database" != postgres ]; then
    psql --quiet --username="$user" --dbname=postgres --set=ON_ERROR_STOP=1 --set=name="$database" --set=owner="$user" <<'SQL'
CREATE DATABASE :"name" OWNER :"owner";
SQL
  fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) sh "$file" ;;
      *.sql) psql --username="$user" --dbname="$database" --set=ON_ERROR_STOP=1 --file="$file" ;;
    esac
  done
  pg_ctl --silent --wait --mode=fast stop
  echo 'PostgreSQL init process complete; ready for start up.'
}

[ -s "$PGDATA/PG_VERSION" ] || initialise
exec "$@" -c listen_addresses='*'
