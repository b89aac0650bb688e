#!/bin/sh
# As in the official image: arguments that begin with a dash are redis-server's.
set -e
case "${1:-}" in
  -*|*.conf) set -- redis-server "$@" ;;
esac
[ "$1" = redis-server ] && set -- "$@" --protected-mode no
exec "$@"
