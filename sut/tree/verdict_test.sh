#!/bin/bash
# The verdicts on the small trees. `sound`: every shape of the interface conforms; a crash, a WARN
# and a use after free are told with their places. `planted`: each edited tree diverges by its rule.
. cli/tests/testing.sh
holdfast=$runfiles/$1
kind=$2
trees=$runfiles/sut/tree
# A sanitized command costs ten times as much.
sanitized=false effort=(--depth=3 --cases=20000)
! grep -qa __asan_init "$trees/older.so" || sanitized=true effort=(--depth=2 --cases=2000)

# what, the expected exit status, the tree, further options; the output is in the file `out`
run() {
  "$holdfast" run --sut="$trees/$3.so" "${effort[@]}" --time=300 --out=shrunk "${@:4}" >out 2>&1
  local status=$?
  [ $status = "$2" ] || fail "$1: exit status $status instead of $2"
}
shows() {
  grep -qE "$1" out || fail "no $1"
}

sound() {
  run "the earlier interface" 0 older
  shows '^verdict: .*conforms'
  run "an interface that is older still" 0 eldest
  shows '^verdict: .*conforms'
  run "the later interface" 0 newer
  shows '^verdict: .*conforms'
  run "the newest shape" 0 tip
  shows '^verdict: conforms tip profile v5: '
  run "an interface between the two" 0 between
  shows '^verdict: conforms, with 8 answers of its own: between profile v3 double-device=-EINVAL double-device-by-pointer double-domain=-EBUSY puts-flb checks-group checks-iommu quiet-unpreserve-device quiet-unpreserve-domain luo=C:'
  run "a hazard mended" 0 mended
  shows '^verdict: conforms, with 1 answer of its own: mended profile v3 double-device=-EBUSY:'
  shows '^  double-device$'
  shows '^    = -EBUSY, v3: 0, v5: -EBUSY$'
  ! grep -q '^  R4 ' out || shows 'no hazard of R4'
  run "guards in another order" 0 reordered
  shows '^verdict: conforms, with 3 answers of its own: reordered profile v3:'
  shows '^  preserve_device where not a PCI device, and the domain is not preserved, and no FLB$'
  shows '^    = -EINVAL, v3: -EOPNOTSUPP, v5: -EOPNOTSUPP$'
  run "an unpreserve that looks before it takes the lock" 0 quiet
  shows '^verdict: conforms, with 1 answer of its own: quiet profile v3 quiet-unpreserve-device:'
  $sanitized || shows '^callers at once .* not checked: answers of its own$'
  run "the vendor parts of other drivers" 0 vendor
  shows '^verdict: conforms vendor profile v5: '
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
  if $sanitized; then
    shows '^verdict: .*diverges.*R15 quiet, 1 command,'
    shows '^ *process +sut +ended: AddressSanitizer: use-after-poison, drivers/iommu/liveupdate\.c:[0-9:]+$'
  else
    shows '^verdict: .*diverges.*, 1 command,'
    shows '^ *crash +sut +drivers/iommu/liveupdate\.c:[0-9]+$'
  fi
}

planted() {
  run "an error that no version gives, among answers of its own" 1 between_errno
  shows '^verdict: diverges between_errno profile v3 .*: R5 atomic'
  run "a refusal dropped, among answers of its own" 1 between_lax
  shows '^verdict: diverges between_lax profile v3 .*: R3 closed'
  run "a WARN dropped, among answers of its own" 1 between_silent
  shows '^verdict: diverges between_silent profile v3 .*: R6 paired'
  run "a refusal dropped" 1 lax
  shows '^verdict: diverges lax profile v5: R4 unique, 4 commands'
  run "a reference kept" 1 keeping
  shows '^verdict: diverges keeping profile v5: R11 balanced, 2 commands'
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
  run "a probe that finds what was deleted" 1 undead_probe
  shows '^verdict: diverges undead_probe profile v3: R12 handover'
  run "a probe that keeps its reference" 1 greedy_probe --luo=B
  shows '^verdict: diverges greedy_probe profile v3 luo=B: R11 balanced'
  shows 'findings +sut +incoming-kept$'
  run "a domain that is restored twice" 1 restored_twice
  shows '^verdict: diverges restored_twice profile v3: R12 handover'
  run "a device without an owner" 1 ownerless
  shows '^verdict: diverges ownerless profile v3: R12 handover'
  run "a restore that leaks its domain" 1 leaking_restore
  shows 'findings +sut +memory-leaked$'
  run "a restore that leaves a claim behind" 1 claiming_restore
  shows '^verdict: diverges claiming_restore profile v3: R12 handover'
  run "a moved field" 1 moved
  shows 'R14 layout'
  shows 'model +iommu_device_ser\.devid=8 iommu_device_ser\.pci_domain_nr=12$'
  shows 'sut +iommu_device_ser\.devid=12 iommu_device_ser\.pci_domain_nr=8$'
}

"$kind"
finish "every verdict is as it should be"
