#!/bin/bash
# verdict_test.sh HOLDFAST NAME=RULE...: the small tree's driver conforms in each mode, under its
# own core and under the project's; each mutant diverges by its rule.
. cli/tests/testing.sh
holdfast=$runfiles/$1
drivers=$runfiles/sut/tree/driver
shift

# what, the expected exit status, the driver; the output is in the file `out`
run() {
  "$holdfast" run --sut="$drivers/vtd_$3.so" --depth=3 --cases=3000 --time=300 --out=shrunk >out 2>&1
  local status=$?
  [ $status = "$2" ] || fail "$1: exit status $status instead of $2"
}

for driver in first legacy scalable over_ours; do
  run "$driver" 0 "$driver"
  grep -q '^verdict: conforms' out || fail "$driver does not conform"
done
for mutant; do
  name=${mutant%=*} rule=${mutant#*=}
  run "$name" 1 "$name"
  grep -qE "^verdict: diverges .*: $rule " out || fail "$name: not by $rule"
  grep -qE '^ *(crash|BUG|WARN) ' out && ! grep -qE 'drivers/iommu/(intel/)?liveupdate\.c:[0-9]+' out && fail "$name: no line"
done

finish "every verdict is as it should be"
