#!/bin/bash
# `differ`: what two implementations do differently, as a trace that replays; who gave which answer;
# and that an implementation which ends its process is an answer too.
. cli/tests/testing.sh
holdfast=$runfiles/$1 faulty=$runfiles/$2

# expect STATUS LAST ARGUMENT...: the exit status, and a pattern for the last line
expect() {
  local status=$1 last=$2
  shift 2
  "$holdfast" differ "$@" >out 2>err
  local code=$?
  [ $code = "$status" ] || fail "differ $*: exit status $code, expected $status"
  tail -qn 2 out err | grep -qE "$last" || fail "differ $*: expected $last"
}

expect 1 '^verdict: differ in world 1,1,1: ' --sut=core.v3 --sut=core.v5
grep -q '^# core.v5:$' out || fail "the second answer has no name"
grep -v '^verdict:' out >v3.trace
"$holdfast" replay v3.trace --sut=core.v3 >out 2>err || fail "the trace does not replay on core.v3"

# One answer, one paragraph, and the names of all that gave it.
expect 1 '^verdict: differ' --sut=core.v3 --sut=port.vtd.legacy --sut=core.v5
grep -q '^# core.v3, port.vtd.legacy:$' out || fail "equal answers are not one"

# A port is its core to a caller, over every sequence of the world.
expect 0 '^verdict: alike in 1,1,1, ' --sut=core.v3 --sut=port.vtd.legacy --world=1,1,1 --with=faults
grep -qE '^world 1,1,1: alike: [1-9][0-9,]* states' out || fail "the states are not counted"

expect 1 '^verdict: differ in world 1,1,1$' --sut=core.v3 --sut="$faulty/aborting.so"
grep -q ': ends its process: SIGABRT$' out || fail "the death is not told"
grep -q '^preserve_' out || fail "the sequence is not told"

expect 3 '^verdict: no difference found; not finished: world 3,2,2$' \
  --sut=core.v3 --sut=port.vtd.legacy --world=3,2,2 --time=0.2

expect 2 'at least two' --sut=core.v3
expect 2 'expected different implementations' --sut=core.v3 --sut=core.v3
expect 2 'expected D,I,M' --sut=core.v3 --sut=core.v5 --world=9,9
expect 2 'off, A, B or C' --sut=core.v3 --sut=core.v5 --luo=D
finish "differences are found, told, and replayed"
