#!/bin/bash
# jobs_test.sh HOLDFAST FAULTY MISBEHAVING RARE: the report of a run, its JSON and what a divergence
# leaves behind are the same bytes for every number of processes, and whichever of them dies.
. cli/tests/testing.sh
holdfast=$runfiles/$1 faulty=$runfiles/$2
for object in "$3" "$4"; do ln -s "$runfiles/$object" "$(basename "$object")"; done

# Runs into the folder `result`.
run() {  # what, status, arguments
  local what=$1 status=$2 got
  shift 2
  rm -rf result
  mkdir result
  "$holdfast" run --seed=7 --depth=3 --time=600 --shrink-seconds=300 --json=result/json \
    --out=result/found "$@" >out 2>err
  got=$?
  [ $got = "$status" ] || fail "$what, $*: exit status $got instead of $status"
  cp out result/out
}

numbers="1 2 3 7"
same() {  # what, status, arguments
  local what=$1 status=$2 jobs
  shift 2
  rm -rf one
  for jobs in $numbers; do
    run "$what" "$status" --jobs=$jobs "$@"
    if [ $jobs = 1 ]; then mv result one && continue; fi
    diff -r one result >&2 || fail "$what: other bytes with $jobs processes"
  done
}

numbers="1 2" same "sound" 0 --sut=core.v3 --cases=9000
same "rare" 1 --sut=./planted_rare.so --cases=20000
grep -q '^divergence: random, .*case 10068 ' out || fail "rare: the random part did not find it"
same "ends by a signal" 1 --sut="$faulty/signalled.so" --cases=500
grep -q 'ended: SIGKILL$' out || fail "ends by a signal: not what it did"
same "exits" 1 --sut="$faulty/exiting.so" --cases=500
numbers="1 3" same "loops" 1 --sut="$faulty/deaf_loop.so" --cases=500
grep -q 'ended: hung' out || fail "loops: not what it did"
MISBEHAVES=writes same "writes" 0 --sut=./misbehaving.so --cases=500
grep -q '^output: writes wrote 65,536 bytes or more' out || fail "writes: not what it wrote"

# The process that runs a part of the suite is killed by its implementation, once.
export MISBEHAVES=kills_parent_once
numbers=1 same "nothing dies" 0 --sut=./misbehaving.so --cases=500
touch alive
run "its part is run again" 0 --jobs=2 --sut=./misbehaving.so --cases=500
[ ! -e alive ] || fail "its part is run again: nothing was killed"
grep -q 'ended (SIGKILL): its part is run again$' err || fail "its part is run again: not said"
diff -r one result >&2 || fail "its part is run again: other bytes"

finish "every number of processes came to the same report"
