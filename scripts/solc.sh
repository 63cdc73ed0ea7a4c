#!/bin/sh
# The compiler as Ape finds it (.tools/solcx/solc-v0.8.30 is a link to this file). Ape compiles a temporary copy of
# contracts/ that has no node_modules beside it: imports from npm are looked up in the project itself.
tools=$(cd "$(dirname "$0")/.." && pwd)
before=
for word; do
  if [ "$before" = --base-path ] && [ ! -d "$word/node_modules" ]; then
    set -- "$@" --include-path "${tools%/*}"
  fi
  before=$word
done
exec "$tools/solcx/compiler" "$@"
