#!/bin/bash
# spin_test.sh same STATES PAN D,I,M ASPECTS PROFILE...   SPIN walks as many states and edges as
#                                                         Explore(), and no rule breaks
# spin_test.sh broken PAN RULE...                         pan reports that rule, by the name of its
#                                                         assertion
# Groups of arguments repeat. SPIN counts the arrival in the initial state as a transition: that is
# its one edge more.
set -u
failures=0
fail() { echo "spin_test: $*" >&2; failures=$((failures + 1)); }

# pan writes a trail where it stands.
root=$PWD
cd "$TEST_TMPDIR" || exit 3
walk() { "$root/$1" -n -m4000000 2>&1; }  # -m: how deep a path may be; a deeper one is an error below

same() {  # states, pan, world, aspects, profile
  local expected report states transitions counted
  expected=$("$root/$1" "${@:3}") || { fail "$3 $4 $5: Explore() does not hold"; return; }
  report=$(walk "$2")
  grep -q ', errors: 0$' <<<"$report" || fail "$3 $4 $5: $report"
  ! grep -qiE 'max search depth|not completed|out of memory' <<<"$report" || fail "$3 $4 $5: SPIN did not finish: $report"
  states=$(sed -nE 's/^ *([0-9]+) states, stored.*/\1/p' <<<"$report")
  transitions=$(sed -nE 's/^ *([0-9]+) transitions .*/\1/p' <<<"$report")
  counted="$states $((transitions - 1))"
  echo "$3 $4 $5: states and edges: SPIN $counted, Explore $expected"
  [ "$counted" = "$expected" ] || fail "$3 $4 $5: SPIN and Explore() differ"
}

broken() {  # pan, rule
  local report
  report=$(walk "$1")
  if grep -qE "assertion violated $2 " <<<"$report"; then
    echo "$2: reported"
  else
    fail "$2: not reported: $report"
  fi
}

case ${1-} in
  same)
    states=$2
    shift 2
    while [ $# -ge 4 ]; do same "$states" "${@:1:4}"; shift 4; done ;;
  broken)
    shift
    while [ $# -ge 2 ]; do broken "$1" "$2"; shift 2; done ;;
  *) fail "expected same or broken" ;;
esac
[ $# = 0 ] || fail "arguments are left over: $*"
[ $failures = 0 ]
