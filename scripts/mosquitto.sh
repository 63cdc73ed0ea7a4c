#!/usr/bin/env bash
# Gets Mosquitto, the message broker of the machines, where that needs nobody's leave: as root or with sudo that does not
# ask, from Debian's packages. Elsewhere it says how to get it, and a broker inside Python takes its place.
# FILE keeps the reason, so that it is tried and told once; `make setup` after removing FILE tries again.
set -euo pipefail

readonly FILE=${1:?usage: mosquitto.sh FILE}

say() { printf 'set-up: %s\n' "$*" >&2; }

# Debian keeps it off the PATH of ordinary users.
is_here() (
  PATH=$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin
  type -P mosquitto >/dev/null
)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

packages() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >"$FILE" 2>&1; }

install_it() {
  if ! type -P apt-get >/dev/null; then
    echo "no apt-get here" >"$FILE"
  elif ! as_root true 2>/dev/null; then
    echo "installing needs root" >"$FILE"
  else
    say "message broker (Debian's package mosquitto) ..."
    packages install -y --no-install-recommends mosquitto mosquitto-clients ||
      { packages update && packages install -y --no-install-recommends mosquitto mosquitto-clients; }
  fi
}

if is_here; then
  rm -f "$FILE"
elif [ ! -e "$FILE" ]; then
  install_it || true
  if is_here; then
    rm -f "$FILE"
  else
    say "Mosquitto is not installed ($(tail -n 1 "$FILE")); a broker inside Python takes its place, good for the demo." \
      "Debian: apt-get install mosquitto mosquitto-clients. macOS: brew install mosquitto"
  fi
fi
