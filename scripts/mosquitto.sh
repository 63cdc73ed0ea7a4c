#!/usr/bin/env bash
# Gets Mosquitto, the message broker of the machines. Elsewhere than on Debian it says how to get it, and a broker inside
# Python takes its place.
set -euo pipefail

readonly FILE=${1:?usage: mosquitto.sh FILE}
source "$(dirname "${BASH_SOURCE[0]}")/_optional.sh"

# Debian keeps it off the PATH of ordinary users.
is_here() (
  PATH=$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin
  type -P mosquitto >/dev/null
)

offer "message broker (Debian's package mosquitto)" Mosquitto \
  "a broker inside Python takes its place, good for the demo" mosquitto mosquitto mosquitto-clients
