#!/usr/bin/env bash
# Installs what the lock files name: Python 3.11 packages into .venv, npm packages into node_modules, Anvil and the
# Solidity compiler into .tools, and Mosquitto and Chromium where it may. Safe to repeat: a step runs again only when
# its lock file changed. Written for bash 3.2 and POSIX tools, as macOS has them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TOOLS=.tools
readonly LOG=$TOOLS/setup.log

say() { printf 'set-up: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# run COMMAND...: its output goes to the log; fails with the log's last lines.
run() {
  "$@" >"$LOG" 2>&1 && return
  tail -n 15 "$LOG" >&2
  fail "this failed: $*"
}

# step TITLE COMMAND PRODUCT FILE...: runs COMMAND unless the FILEs are as they were when it last made PRODUCT.
# The stamp lies in the product, so that both go together.
step() {
  local title=$1 command=$2 stamp=$3/.made-from digest
  shift 3
  digest=$(cat "$@" | cksum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && return
  say "$title ..."
  rm -f "$stamp"
  "$command"
  printf '%s\n' "$digest" >"$stamp"
}

# ---- Python ----

is_python() { "$1" -c "import sys; sys.exit(not ($2))" >/dev/null 2>&1; }

# Relocatable environments came with uv 0.3.
is_uv() { "$1" venv --help 2>/dev/null | grep -q -e --relocatable; }

# The uv to use: the one on PATH, else the locked one in .tools.
uv() {
  if is_uv "$(type -P uv)"; then
    command uv "$@"
  else
    "$TOOLS/uv/bin/uv" "$@"
  fi
}

ensure_uv() {
  is_uv "$(type -P uv)" || step "uv" install_uv "$TOOLS/uv" requirements/uv.txt
}

any_python() {
  local candidate
  for candidate in python3.11 python3 python3.14 python3.13 python3.12; do
    if is_python "$candidate" 'sys.version_info >= (3, 8)'; then
      echo "$candidate"
      return
    fi
  done
  fail "Python is missing. Debian: apt-get install python3 python3-venv. macOS: brew install python@3.11"
}

install_uv() {
  local python
  python=$(any_python)
  rm -rf "$TOOLS/uv"
  if "$python" -m venv "$TOOLS/uv" >"$LOG" 2>&1; then
    run "$TOOLS/uv/bin/python" -m pip install --only-binary :all: --require-hashes -r requirements/uv.txt
  elif "$python" -m pip --version >"$LOG" 2>&1; then
    rm -rf "$TOOLS/uv"
    run "$python" -m pip install --target "$TOOLS/uv" --only-binary :all: --require-hashes -r requirements/uv.txt
  else
    rm -rf "$TOOLS/uv"
    fail "$python can neither make environments nor install packages. Debian: apt-get install python3-venv"
  fi
}

install_python() {
  ensure_uv
  if ! is_python .venv/bin/python 'sys.version_info[:2] == (3, 11)'; then
    rm -rf .venv
    uv venv --relocatable --python 3.11 .venv >"$LOG" 2>&1 ||
      fail "Python 3.11 is neither installed nor downloadable here ($(tail -n 1 "$LOG")). macOS: brew install python@3.11"
  fi
  run uv pip sync --python .venv/bin/python --require-hashes requirements/lock.txt
  .venv/bin/python -c 'import lightgbm' >"$LOG" 2>&1 ||
    fail "LightGBM needs the OpenMP runtime. Debian: apt-get install libgomp1. macOS: brew install libomp"
}

# ---- Node ----

require_node() {
  local found
  found=$(node --version 2>/dev/null) || fail "Node.js 20 or newer is missing (nodejs.org, nvm, or brew install node)"
  found=${found#v}
  [ "${found%%.*}" -ge 20 ] || fail "Node.js $found is too old: 20 or newer is needed (nodejs.org, nvm, or brew install node)"
  type -P npm >/dev/null || fail "npm is missing beside Node.js $found. Debian: apt-get install npm"
}

install_node() {
  rm -f "$TOOLS/bin/anvil"
  run npm ci
}

install_dapp_packages() { run npm ci --prefix frontend; }

# Two builds: the one that goes to networks, and the local demo's, which has a wallet of its own.
build_dapp() {
  rm -rf frontend/dist frontend/dist-demo
  run npm run build --prefix frontend
  HEQI_DEMO=1 run npm run build --prefix frontend
}

dapp_sources() { find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist*/*' | LC_ALL=C sort; }

# The native executable itself: npm's wrapper has another process id and always exits 0.
link_anvil() {
  local platform native
  platform=$(node -p 'process.platform + "-" + (process.arch === "x64" ? "amd64" : process.arch)')
  native=node_modules/@foundry-rs/anvil-$platform/bin/anvil
  [ -x "$native" ] || fail "there is no Anvil for $platform: Linux and macOS on x86-64 and arm64 are supported"
  ln -sfn "../../$native" "$TOOLS/bin/anvil"
  run "$TOOLS/bin/anvil" --version
}

# ---- Solidity ----

install_solc() {
  if .venv/bin/python scripts/_native_solc.py "$TOOLS/solcx/compiler" 2>"$LOG"; then
    say "Solidity compiler: native"
  else
    ln -sfn ../../scripts/solc.mjs "$TOOLS/solcx/compiler"
    say "Solidity compiler: WebAssembly, same bytecode ($(tail -n 1 "$LOG"))"
  fi
  ln -sfn ../../scripts/solc.sh "$TOOLS/solcx/solc-v0.8.30"
  run "$TOOLS/solcx/solc-v0.8.30" --version
}

main() {
  mkdir -p "$TOOLS/bin" "$TOOLS/solcx"
  require_node
  [ -x .venv/bin/python ] || rm -rf .venv
  step "Python 3.11 and its packages, some 150 MB" install_python .venv requirements/lock.txt
  step "npm packages" install_node node_modules package-lock.json
  [ -x "$TOOLS/bin/anvil" ] || link_anvil
  step "Solidity compiler" install_solc "$TOOLS/solcx" scripts/_native_solc.py
  step "npm packages of the dApp" install_dapp_packages frontend/node_modules frontend/package-lock.json
  # shellcheck disable=SC2046 # names without spaces
  step "dApp" build_dapp frontend/dist $(dapp_sources)
  scripts/mosquitto.sh "$TOOLS/without-mosquitto"
  scripts/chromium.sh "$TOOLS/without-chromium"
}

main
