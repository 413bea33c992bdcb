#!/bin/bash
# `holdfast shrink --emit=cc`, for defects of many rules. The program compiles by the line that it
# shows, without a warning. On the implementation that has the defect the program fails and names
# the rule. On the sound implementation the program holds.
. cli/tests/testing.sh
holdfast=$runfiles/$1
compiler=$2  # for the "g++" of that line
suite=$runfiles

# As a user has it: the sources, and the build below bazel-bin.
export HOLDFAST=$PWD/suite
mkdir suite
ln -s "$suite/model" "$suite/sut" "$suite/traces" suite
ln -s "$suite" suite/bazel-bin

# The implementation, the rule, and objects on which it must hold; the trace that fails is in
# $name/failing.trace, by default what a run finds.
reproduces() {
  local sut=$1 rule=$2 name=${1##*/}
  shift 2
  [ -f "$name/failing.trace" ] || "$holdfast" run --sut="$sut" --depth=2 --cases=20000 --out="$name" >out 2>err
  "$holdfast" shrink "$name/failing.trace" --sut="$sut" --emit=cc --out="$name" >out 2>err
  [ $? = 1 ] || fail "$sut: exit status of shrink"
  [ "$(tail -n 1 out)" = "reproducer: $name/reproducer.cc" ] || fail "$sut: does not say where the reproducer is"
  grep -q "^// $rule " "$name/reproducer.cc" || fail "$sut: the comment does not name $rule"
  local line
  line=$(sed -n "s|^//   g++|$compiler -Wall -Wextra -Werror|p" "$name/reproducer.cc")
  (cd "$name" && ulimit -c 0 && eval "$line") >out 2>err
  local status=$?
  [ -x "$name/reproducer" ] || fail "$sut: does not compile"
  [ $status != 0 ] && [ $status != 2 ] || fail "$sut: exit status $status on the defect"
  # Where the defect ends the process, what was called is all that it leaves.
  grep -q "process    sut    ended" "$name/report.txt" || tail -n 1 out | grep -q "^$rule .* is broken$" || fail "$sut: does not say that $rule is broken"
  local sound
  for sound; do
    "$name/reproducer" "$suite/$sound" >out 2>err || fail "$sut: does not hold on $sound"
    [ "$(tail -n 1 out)" = holds ] || fail "$sut: does not say that it holds on $sound"
  done
}

reproduces mutant.vtd_token R1 sut/vtd_legacy.so
reproduces mutant.d15 R2 sut/core_v3.so
# Sanitized programs take longer to compile, and they are the same programs: two are enough there.
if [ "$compiler" = g++ ]; then
  reproduces mutant.d7 R3 sut/core_v3.so
  reproduces mutant.d2 R4 sut/core_v5.so
  reproduces mutant.d6 R6 sut/core_v3.so
  reproduces mutant.d8 R7 sut/core_v3.so
  reproduces mutant.vtd_undo_order R8 sut/vtd_scalable.so
  reproduces mutant.vtd_clears_pci_only R13 sut/vtd_legacy.so
  reproduces mutant.smmuv3_alias R13 sut/smmuv3_stage1.so
fi

# A process that ends, and one that never would.
reproduces "$suite/sut/mutants/aborting.so" R15 sut/core_v3.so
reproduces "$suite/sut/mutants/exiting.so" R15 sut/core_v3.so
reproduces "$suite/sut/mutants/deadlocking.so" R15 sut/core_v3.so

# What the profile itself breaks: both sides agree, and v3 on that orchestrator is to blame.
mkdir core.v3
printf '%s\n' "# A reference is left." "profile v3 luo=C" "topology dom0" "preserve_file" "preserve_domain dom0" >core.v3/failing.trace
reproduces core.v3 R11 sut/core_v5.so

# Where nothing fails, nothing is written.
printf '%s\n' "# Nothing is wrong." "profile v3" "topology dom0" "preserve_file" >sound.trace
"$holdfast" shrink sound.trace --emit=cc --out=sound >out 2>err || fail "a sound trace: exit status"
[ ! -e sound ] || fail "a sound trace: something was written"

finish "every reproducer fails where it should, and nowhere else"
