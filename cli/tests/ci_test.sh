#!/bin/bash
# docs/ci.md: KTAP is of its form and says what the exit status says; a job of GitHub Actions gets
# an annotation for a failure, and nobody else does.
. cli/tests/testing.sh
holdfast=$runfiles/$1

ktap() {  # status, result line of the whole, arguments
  local status=$1 result=$2
  shift 2
  "$holdfast" "$@" --ktap >out 2>err
  [ $? = "$status" ] || fail "$*: not exit status $status"
  [ "$(tail -n 1 out)" = "$result" ] || fail "$*: the last line is not: $result"
  if grep -qvE '^(  )?(KTAP version 1|1\.\.[0-9]+|(not )?ok [0-9]+ [^#]+( # .*)?|#( .*)?)$' out; then
    fail "$*: a line that is not KTAP"
  fi
  # The plan of the parts is kept, and their numbers are in order.
  local plan
  plan=$(sed -n '4s/^  1\.\.//p' out)
  [ "$(sed -nE 's/^  (not )?ok ([0-9]+) .*/\2/p' out | tr '\n' ' ')" = "$(seq -s ' ' "$plan") " ] ||
    fail "$*: the parts are not those of the plan"
  if [ "$status" = 0 ]; then
    if grep -q '^ *not ok' out; then fail "$*: a part fails and the run does not"; fi
  else
    grep -q '^  not ok' out || fail "$*: no part fails"
  fi
}
ktap 0 "ok 1 core.v3 profile v3" run --cases=200 --depth=2
ktap 1 "not ok 1 mutant.d15 profile v3" run --sut=mutant.d15 --cases=200 --depth=3
grep -q '^  # replay: \./holdfast replay --sut=mutant.d15 ' out || fail "no replay command"
trace=holdfast-out/shrunk.trace
ktap 0 "ok 1 replay" replay $trace
ktap 1 "not ok 1 replay" replay $trace --sut=mutant.d15

annotations() {  # number, arguments
  local number=$1
  shift
  "$holdfast" "$@" >out 2>err
  [ "$(grep -c '^::error ' out)" = "$number" ] || fail "$*: not $number annotations"
}
diverging="run --sut=mutant.d15 --cases=200 --depth=3"
export GITHUB_ACTIONS=true
# shellcheck disable=SC2086
annotations 1 $diverging
grep -q '^::error .*title=mutant.d15 breaks R2::' out || fail "the annotation does not name the rule"
[[ $(tail -n 1 out) = verdict:* ]] || fail "the last line is not the verdict"
annotations 1 replay $trace --sut=mutant.d15
grep -q "^::error file=$trace,title=" out || fail "the annotation does not name the trace"
annotations 0 replay $trace
unset GITHUB_ACTIONS
# shellcheck disable=SC2086
annotations 0 $diverging

finish "KTAP and annotations are as docs/ci.md says"
