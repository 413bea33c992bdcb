#!/bin/bash
# The part of `holdfast run` for callers at once: a race is a divergence, with a trace that replays;
# where nothing was checked the part says so. The texts of sound cores are in run_test.sh.
. cli/tests/testing.sh
holdfast=$runfiles/$1 racy=$runfiles/$2 ends=$runfiles/$3

run() {  # exit status, arguments; output in out
  local status=$1
  shift
  "$holdfast" run --cases=0 --depth=1 "$@" >out 2>err
  local got=$?
  [ $got = "$status" ] || fail "run $*: exit status $got instead of $status"
}
part() {  # what, pattern of the part's line
  grep -qE "^callers at once  .*$2" out || fail "$1: the line of the part does not match: $2"
}

run 1 --sut="$racy"
part "a race" '  diverges$'
tail -n 1 out | grep -qE '^verdict: diverges .*: R8 pages, 2 calls of callers at once, 1 preemption, seed 1$' ||
  fail "a race: not the rule and the calls in the verdict"
grep -q '^divergence: callers at once$' out || fail "a race: not where it was found"
grep -q '^R8  pages .* broken$' out || fail "a race: the rule is not broken in the table"
for line in 'caller a: ' 'caller b: ' 'switches '; do
  grep -q "^$line" holdfast-out/callers.trace || fail "a race: no \`$line\` in the trace"
done
replay=$(sed -n 's/^replay: \.\/holdfast //p' out)
# shellcheck disable=SC2086
"$holdfast" $replay >replayed 2>err
[ $? = 1 ] || fail "a race: its replay does not diverge"
grep -q 'R8 pages' replayed || fail "a race: its replay has another rule"
"$holdfast" replay holdfast-out/callers.trace --sut=core.v5 >replayed 2>err ||
  fail "a race: the sound core does not conform on its trace"

run 0 --sut="$racy" --preemptions=0
part "a race without a preemption" ' [0-9,]+ moves  .*[0-9,]+  conforms$'
run 0 --sut=port.vtd.legacy
part "a driver port" '  not checked: a driver port$'

# An implementation that ends its process only while another caller is at work.
run 1 --sut="$ends"
part "an exit" '  diverges$'
tail -n 1 out | grep -q ': R15 quiet, 2 calls of callers at once, 1 preemption, seed 1$' ||
  fail "an exit: not the rule and the calls in the verdict"
grep -q 'a call has ended its process: exit status 3' out || fail "an exit: not how the process ended"
"$holdfast" replay holdfast-out/callers.trace --sut="$ends" >replayed 2>err
[ $? = 1 ] || fail "an exit: its replay does not diverge"
grep -q 'ended its process: exit status 3' replayed || fail "an exit: its replay ends otherwise"

finish "callers at once are a part of a run"
