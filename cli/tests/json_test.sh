#!/bin/bash
# The JSON of each command is of docs/report.schema.json, in each verdict, and docs/report.md has
# each member of the schema.
. cli/tests/testing.sh
holdfast=$runfiles/$1 check=$runfiles/$2 schema=$runfiles/$3 page=$runfiles/$4
misbehaving=$runfiles/$5 racy=$runfiles/$6

files=()
expect() {  # status, name of the file, arguments
  local status=$1 file=$2.json
  shift 2
  "$holdfast" "$@" --json="$file" >out 2>err
  local got=$?
  [ $got = "$status" ] || fail "$*: exit status $got instead of $status"
  [ -s "$file" ] || fail "$*: no JSON"
  files+=("$file")
}

expect 0 run run --cases=200 --depth=2
expect 0 hardware run --sut=port.vtd.legacy --cases=100 --depth=2
expect 1 diverges run --sut=mutant.d15 --cases=200 --depth=3
MISBEHAVES=rand expect 1 varies run --sut="$misbehaving" --cases=3000 --depth=3
expect 1 race run --sut="$racy" --cases=0 --depth=1
expect 0 proved explore --world=1,1,1
expect 3 unfinished explore --max-states=10
expect 3 no_time explore --black-box --world=1,1,1 --time=0.001
expect 1 refuted explore --world=1,1,1 --sut=mutant.d15
expect 1 pumped explore --world=1,1,1 --with=none --callers=hostile --hardened
expect 0 model explore --world=1,1,1 --model-only --callers=hostile
expect 0 black_box explore --world=1,1,1 --black-box
expect 1 black_box_refuted explore --world=1,1,1 --with=faults --black-box --sut=mutant.d15
expect 0 alike differ --sut=core.v3 --sut=port.vtd.legacy --world=1,1,1 --with=none
expect 1 differ differ --sut=core.v3 --sut=core.v5
trace=holdfast-out/shrunk.trace
expect 0 replay replay $trace
expect 1 replay_diverges replay $trace --sut=mutant.d15
expect 0 rewrite rewrite $trace
expect 0 shrink shrink $trace
expect 1 shrunk shrink $trace --sut=mutant.d15
expect 0 graph graph $trace
expect 0 mutants mutants d1 --seeds=1 --cases=1000 --depth=3
expect 0 profiles profiles v3 v5
expect 0 suts suts

"$check" "$schema" "${files[@]}" >members 2>err || fail "not of the schema"
while read -r member; do
  grep -q "\`$member\`" "$page" || fail "docs/report.md: no \`$member\`"
done <members

# The file is of the command, whole or not at all.
for command in "suts" "graph $trace"; do
  # shellcheck disable=SC2086
  "$holdfast" $command --json=no/such/folder >out 2>err
  [ $? = 2 ] || fail "$command: a JSON that cannot be written is not exit status 2"
done
"$holdfast" replay missing.trace --json=missing.json >out 2>err
[ $? = 2 ] && [ ! -e missing.json ] || fail "replay of a missing trace left JSON behind"

# A page and a JSON: both are there, or neither.
refused() {  # what is expected of the message, options
  local message=$1
  shift
  "$holdfast" replay $trace "$@" >out 2>err
  [ $? = 2 ] || fail "$*: not exit status 2"
  grep -q "$message" err || fail "$*: no message"
  [ ! -e kept ] || fail "$*: a file is left behind"
}
refused no/such/page --json=kept --html=no/such/page
refused no/such/json --html=kept --json=no/such/json
refused 'another file than --json' --html=kept --json=kept
"$holdfast" replay missing.trace --html=kept >out 2>err
[ $? = 2 ] && [ ! -e kept ] || fail "replay of a missing trace left a page behind"

finish "${#files[@]} reports are of the schema"
