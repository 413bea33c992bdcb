#!/bin/bash
# verdict_test.sh HOLDFAST DRIVER DEPTH CASES CONFORMING... -- NAME=RULE...: the small tree's driver
# conforms in each mode, under its own core and under the project's; each mutant diverges by its
# rule. DEPTH and CASES are options of a run.
. cli/tests/testing.sh
holdfast=$runfiles/$1 driver=$2 options=("$3" "$4")
drivers=$runfiles/sut/tree/driver
shift 4

# the expected exit status, the object; the output is in the file `out`
run() {
  "$holdfast" run --sut="$drivers/${driver}_$2.so" "${options[@]}" --time=300 --out=shrunk >out 2>&1
  local status=$?
  [ $status = "$1" ] || fail "$2: exit status $status instead of $1"
}

while [ "$1" != -- ]; do
  run 0 "$1"
  grep -q '^verdict: conforms' out || fail "$1 does not conform"
  shift
done
shift
for mutant; do
  name=${mutant%=*} rule=${mutant#*=}
  run 1 "$name"
  grep -qE "^verdict: diverges .*: $rule " out || fail "$name: not by $rule"
  grep -qE '^ *(crash|BUG|WARN) ' out && ! grep -qE '(drivers/iommu/([a-z0-9-]*/)*[a-z0-9-]*liveupdate|sut/ports/[a-z0-9]+/[a-z_]+)\.c:[0-9]+' out && fail "$name: no line"
done

finish "every verdict is as it should be"
