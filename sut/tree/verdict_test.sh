#!/bin/bash
# The verdicts on the small trees: both shapes of the interface conform, and each mutant diverges by
# its rule.
. cli/tests/testing.sh
holdfast=$runfiles/$1
trees=$runfiles/sut/tree

# what, the expected exit status, the tree; the output is in the file `out`
run() {
  "$holdfast" run --sut="$trees/$3.so" --depth=3 --cases=20000 --out=shrunk >out 2>&1
  local status=$?
  [ $status = "$2" ] || fail "$1: exit status $status instead of $2"
}
shows() {
  grep -qE "$1" out || fail "no $1"
}

run "the earlier interface" 0 older
shows '^verdict: .*conforms'
run "an interface that is older still" 0 eldest
shows '^verdict: .*conforms'
run "the later interface" 0 newer
shows '^verdict: .*conforms'
run "an interface between the two" 0 between
shows '^verdict: conforms between profile v3 double-device=-EINVAL double-device-by-pointer double-domain=-EBUSY puts-flb checks-group checks-iommu quiet-unpreserve-device quiet-unpreserve-domain luo=C:'
run "a hazard mended" 0 mended
shows '^verdict: conforms mended profile v3 double-device=-EBUSY:'
! grep -q '^  R4 ' out || shows 'no hazard of R4'
run "a refusal dropped" 1 lax
shows '^verdict: diverges lax profile v5: R4 unique, 4 commands'
run "a reference kept" 1 keeping
shows '^verdict: diverges keeping profile v5: R11 balanced, 2 commands'
run "a planted crash" 1 crashing
shows '^verdict: .*diverges'
shows '^ *teardown: unpreserve_device dom0 dev0'
shows 'CRASH'
[ "$(grep -c '^preserve_device' shrunk/shrunk.trace)" = 1 ] || shows 'one preserve_device'
shows '^ *entry +sut +drivers/iommu/liveupdate\.c:[0-9]+$'
shows '^ *crash +sut +drivers/iommu/liveupdate\.c:[0-9]+$'
run "a planted WARN" 1 warning
shows '^verdict: .*diverges'
shows '^ *WARN +sut +drivers/iommu/liveupdate\.c:[0-9]+$'
# With AddressSanitizer the access itself crashes. Without, the call follows the address that it
# read there, and crashes.
run "a use after free" 1 use_after_free
if grep -qa __asan_init "$trees/use_after_free.so"; then
  shows '^verdict: .*diverges.*R15 quiet, 1 command,'
  shows '^ *process +sut +ended: AddressSanitizer: use-after-poison, drivers/iommu/liveupdate\.c:[0-9:]+$'
else
  shows '^verdict: .*diverges.*, 1 command,'
  shows '^ *crash +sut +drivers/iommu/liveupdate\.c:[0-9]+$'
fi
run "a lookup that finds what was deleted" 1 undead
shows 'R12 handover'
shows 'findings +sut +lookup-wrong$'
run "records of another version" 1 careless
shows '^verdict: diverges careless profile v5: R12 handover, 4 commands'
shows 'findings +sut +other-version-followed$'
run "a lookup that keeps its reference" 1 greedy
shows '^verdict: diverges greedy profile v5: R11 balanced, 4 commands'
shows 'findings +sut +incoming-kept$'
run "a walk without an end" 1 restless
shows '^verdict: diverges restless profile v5: R12 handover'
shows 'findings +sut +lookup-wrong$'
run "a lookup where nothing came over" 1 touchy
shows '^verdict: diverges touchy profile v5: R15 quiet, 1 command'
run "a lookup in a kernel without live updates" 1 particular
shows '^verdict: diverges particular profile v5: R15 quiet, 1 command'
run "a moved field" 1 moved
shows 'R14 layout'
shows 'model +iommu_device_ser\.devid=8 iommu_device_ser\.pci_domain_nr=12$'
shows 'sut +iommu_device_ser\.devid=12 iommu_device_ser\.pci_domain_nr=8$'

finish "every verdict is as it should be"
