#!/bin/bash
# ends_test.sh HOLDFAST OBJECT...: a run ends at its time whatever the implementation does, and says
# what it has not finished. A signal ends a run in the same way, and nothing that was known is lost.
. cli/tests/testing.sh
holdfast=$runfiles/$1
shift
for object; do ln -s "$runfiles/$object" "$(basename "$object")"; done

# name, seconds, exit status, a pattern of the last line. On a busy machine a run may take longer
# than its time, but no multiple of it.
ends() {
  local name=$1 seconds=$2 status=$3 says=$4 start=$SECONDS got
  "$holdfast" run --sut=./planted_"$name".so --time="$seconds" --json=report.json >out 2>err
  got=$?
  [[ $got =~ ^$status$ ]] || fail "$name: exit status $got instead of $status"
  [ $((SECONDS - start)) -le $((seconds + 45)) ] || fail "$name: $((SECONDS - start)) s"
  tail -n 1 out | grep -qE "$says" || fail "$name: the verdict is not: $says"
}

conforms='^verdict: conforms planted profile v3; not finished: '
ends slow 3 0 "${conforms}corpus \([0-9]+ of [0-9]+ traces\), .*memory 3,2,2 \([0-9]+ of \? states\)"
grep -q '"verdict": "not finished"' report.json || fail "slow: no part is unfinished in the JSON"
ends slow_observe 2 0 "$conforms.*one IOMMU, depth 5 \([0-9,]+ of [0-9,]+ sequences\)"
ends counting 3 0 '^verdict: conforms planted profile v3'
ends many_records 5 1 '^verdict: diverges planted profile v3: '
ends late 4 '[01]' '^verdict: (diverges planted profile v3: |conforms)'

"$holdfast" replay --sut=./planted_slow.so --time=0.5 "$runfiles"/traces/corpus/*.trace >out 2>err
[ $? = 3 ] || fail "replay: exit status"
grep -q 'not finished in 0.5 seconds' err || fail "replay: does not say that it is not finished"

# signal, number: the parts that were finished are there before the signal, and the report after it.
is_interrupted() {
  local signal=$1 number=$2 run got i
  "$holdfast" run --cases=1000000000 --depth=3 --time=60 --json=report.json >out 2>err &
  run=$!
  for i in {1..300}; do
    grep -q '^memory 2,1,1 hostile ' out && break
    sleep 0.1
  done
  [ "$i" -lt 300 ] || fail "$signal: no finished part was printed"
  kill -"$signal" $run
  wait $run
  got=$?
  [ $got = $((128 + number)) ] || fail "$signal: exit status $got"
  tail -n 1 out | grep -qE "^verdict: interrupted by SIG$signal; until then conforms core\.v3 profile v3; not finished: .*random, " ||
    fail "$signal: the verdict"
  grep -q '"verdict": "interrupted"' report.json || fail "$signal: the JSON"
  [ -z "$(pgrep -f -- "cases=1000000000 --depth=3 --time=60" | grep -v "^$$\$")" ] || fail "$signal: a process is left"
}
is_interrupted INT 2
is_interrupted TERM 15
is_interrupted HUP 1

for arguments in "run --cases=1 --depth=1" suts --help "replay --help" "profiles v3 v5"; do
  # shellcheck disable=SC2086
  "$holdfast" $arguments >/dev/full 2>err
  [ $? = 2 ] || fail "$arguments >/dev/full: exit status"
  grep -q 'standard output' err || fail "$arguments >/dev/full: no message"
done

finish "every run ended, and said what it knew"
