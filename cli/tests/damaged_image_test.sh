#!/bin/bash
# The part of `holdfast run` for damaged images: a core that trusts a count conforms with a
# hazard, told as text and as JSON. A driver port is not asked.
. cli/tests/testing.sh
holdfast=$runfiles/$1
mutants=$runfiles/sut/mutants

conforms() {  # what, further options; the output is in the file `out`
  local what=$1
  shift
  "$holdfast" run --cases=0 --depth=1 --callers-at-once=1 --time=300 "$@" >out 2>err
  local status=$?
  [ $status = 0 ] || fail "$what: exit status $status"
}
shows() {
  grep -qE "$1" out || fail "no $1"
}

conforms "a core that trusts a count" --sut="$mutants/trusts_count.so" --json=report.json
shows '^damaged image +[0-9]+ damages +0  conforms: [0-9]+ refused, [0-9]+ stopped by a BUG, [0-9]+ unnoticed, [0-9]+ followed$'
shows '^damaged images: fields of the records that trusts_count follows'
shows "^  followed +count of a page of devices: .*"
grep -q '"damaged_image": {' report.json || fail "no damaged image in the JSON"
shows '^verdict: conforms trusts_count profile v3: '

conforms "the core" --sut=core.v5
shows '^damaged image .*  conforms: [0-9]+ refused, [0-9]+ stopped by a BUG, [0-9]+ unnoticed$'
! grep -q '^damaged images:' out || fail "the core has a hazard of damaged images"

conforms "a driver port" --sut=port.vtd.legacy
shows '^damaged image .*  not checked: a driver port$'

finish "damaged images are a part of a run"
