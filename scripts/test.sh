#!/usr/bin/env bash
# Runs every test group, or the one that is named, and ends with pytest's closing line of each; the exit status is 0 only
# if all of them passed. Two lanes of groups run side by side. A group's output is in var/test/<group>.log, and here in
# full when it failed.
set -uo pipefail
# Job control gives each lane a process group of its own, so that Ctrl-C reaches the tests and what they started.
set -m
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

readonly LOGS=var/test
if [ $# -gt 0 ]; then
  readonly LANES=("$1") GROUPS_IN_ORDER=$1
else
  readonly LANES=("contracts system properties" "backend browser")
  readonly GROUPS_IN_ORDER="backend contracts properties system browser"
fi
lane_pids=()

say() { printf 'test: %s\n' "$*"; }

# group NAME: its exit status goes to NAME.status; a missing folder and a run without tests fail too.
group() {
  local name=$1 began=$SECONDS verdict=failed status
  say "$name ..."
  python -m pytest --color=no "tests/$name" >"$LOGS/$name.log" 2>&1 </dev/null
  status=$?
  echo "$status" >"$LOGS/$name.status"
  [ "$status" -eq 0 ] && verdict=passed
  say "$name $verdict ($((SECONDS - began)) s)"
}

lane() {
  local name
  set +m
  trap 'exit 130' INT
  for name in $1; do group "$name"; done
}

run_lanes() {
  local groups
  for groups in "${LANES[@]}"; do
    lane "$groups" &
    lane_pids+=($!)
  done
  trap interrupt INT TERM
  wait
}

interrupt() {
  local pid
  for pid in "${lane_pids[@]}"; do kill -INT -- "-$pid"; done 2>/dev/null
  wait
  exit 130
}

passed() { [ "$(cat "$LOGS/$1.status" 2>/dev/null)" = 0 ]; }

closing_line() { grep -E '^=+ .+ in [0-9.]+s.* =+$' "$LOGS/$1.log" | tail -n 1; }

# "12 passed, 1 failed" over all groups; an error counts as failed, and so does a group that ran no test.
total() {
  awk '/no tests ran|no closing line/ { bad++ }
       { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) good += $(i - 1); if ($i ~ /^(failed|error)/) bad += $(i - 1) } }
       END { printf "%d passed, %d failed\n", good, bad }'
}

report() {
  local name failures=0
  for name in $GROUPS_IN_ORDER; do
    passed "$name" && continue
    failures=$((failures + 1))
    printf '\n---- tests/%s failed: its whole output ----\n' "$name"
    cat "$LOGS/$name.log"
  done
  echo
  for name in $GROUPS_IN_ORDER; do
    say "$name"
    closing_line "$name" || say "  no closing line: pytest did not get that far"
  done | tee "$LOGS/closing-lines"
  total <"$LOGS/closing-lines"
  return "$failures"
}

rm -rf "$LOGS"
mkdir -p "$LOGS"
say "compiling the contracts"
ape compile >"$LOGS/compile.log" 2>&1 || {
  cat "$LOGS/compile.log"
  exit 1
}
run_lanes
report
