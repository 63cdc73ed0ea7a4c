# shellcheck shell=bash
# What the set-up installs where that needs nobody's leave: as root or with sudo that does not ask, from Debian's
# packages. FILE keeps the reason where it may not, so that it is tried and told once; `make setup` after removing FILE
# tries again. Whoever sources this sets FILE, defines is_here, and calls offer.

say() { printf 'set-up: %s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >"$FILE" 2>&1; }

# install TITLE PACKAGE...
install() {
  if ! type -P apt-get >/dev/null; then
    echo "no apt-get here" >"$FILE"
  elif ! as_root true 2>/dev/null; then
    echo "installing needs root" >"$FILE"
  else
    say "$1 ..."
    shift
    apt install -y --no-install-recommends "$@" || { apt update && apt install -y --no-install-recommends "$@"; }
  fi
}

# offer TITLE NAME WITHOUT HOMEBREW PACKAGE...: installs it unless it is here; where that fails, says what is WITHOUT it
# and how to get it, on macOS by `brew install HOMEBREW`.
offer() {
  local title=$1 name=$2 without=$3 homebrew=$4
  shift 4
  if ! is_here && [ ! -e "$FILE" ]; then
    install "$title" "$@" || true
    is_here ||
      say "$name is not installed ($(tail -n 1 "$FILE")); $without." \
        "Debian: apt-get install $*. macOS: brew install $homebrew"
  fi
  if is_here; then rm -f "$FILE"; fi
}
