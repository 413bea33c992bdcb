#!/bin/bash
# `holdfast run` as a person and as CI meet it: the same seed gives the same bytes, on every compiler; the verdict is the last line and
# agrees with the exit status; a divergence leaves files behind, and the replay command that it prints reproduces it.
set -u
holdfast=$PWD/$1
golden=$PWD/$2
cd "$(mktemp -d)" || exit 1
unset TEST_UNDECLARED_OUTPUTS_DIR
failures=0

fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
expect_status() {  # what, status, arguments; output in out
  local what=$1 status=$2
  shift 2
  "$holdfast" "$@" >out 2>err
  local got=$?
  [ $got = "$status" ] || { fail "$what: exit status $got instead of $status"; cat out err >&2; }
}
expect_last() {  # what, pattern of the last line
  tail -n 1 out | grep -qE "$2" || { fail "$1: the last line does not match: $2"; tail -n 3 out >&2; }
}

# The whole text, as written down: whatever compiler and optimization built this.
for core in v3 v5; do
  expect_status "run core.$core" 0 run --sut=core.$core --seed=7 --cases=2000 --depth=3 --json=report.json
  expect_last "run core.$core" "^verdict: conforms core\.$core profile $core: [0-9,]+ checked commands, [0-9]+ hazards, seed 7$"
  diff "$golden/run_core_$core.golden" out >&2 || fail "run core.$core: not the text that is written down"
  grep -q '"verdict": "conforms"' report.json || fail "run core.$core: no verdict in the JSON"
done
ls holdfast-out >/dev/null 2>&1 && fail "a run that conforms left holdfast-out behind"

# The seed and the number of cases, said RapidCheck's way.
RC_PARAMS="seed=7 max_success=2000" expect_status "RC_PARAMS" 0 run --depth=3
diff "$golden/run_core_v3.golden" out >&2 || fail "RC_PARAMS: not the same run as --seed --cases"

# A divergence.
expect_status "run of a mutant" 1 run --sut=mutant.d15 --seed=7 --cases=2000 --depth=3 --out=found --json=report.json
expect_last "run of a mutant" '^verdict: diverges mutant\.d15 profile v3: R2 counted, 3 commands, seed 7$'
diff "$golden/run_mutant_d15.golden" out >&2 || fail "run of a mutant: not the text that is written down"
for file in failing.trace shrunk.trace before.dot shrunk.dot report.txt; do
  [ -s found/$file ] || fail "run of a mutant: no $file"
done
grep -q '"rule": "R2"' report.json || fail "run of a mutant: no rule in the JSON"
replay=$(sed -n 's/^replay: \.\/holdfast //p' out)
# shellcheck disable=SC2086
expect_status "the printed replay command" 1 $replay
grep -q 'R2 counted' out || fail "the printed replay command: another rule"
grep -qx "replay: ./holdfast $replay" out || fail "the printed replay command: replay does not print itself"
expect_status "the same trace on the sound core" 0 replay found/shrunk.trace
expect_status "shrink" 1 shrink found/failing.trace --sut=mutant.d15
grep -q '^preserve_device dom0 dev0 fail=iommu.preserve_device' out || fail "shrink: not the shortest trace"

# What a profile breaks by itself.
expect_status "v3 on stage C" 1 run --luo=C --cases=100 --depth=2
expect_last "v3 on stage C" 'R11 balanced'
expect_status "v5 on stage A" 1 run --sut=core.v5 --luo=A --cases=100 --depth=2
expect_last "v5 on stage A" 'R11 balanced'
expect_status "hardened" 1 run --hardened --cases=100 --depth=4

# The planted defects: all accounted for, and the table of them; the same bytes each time.
expect_status "mutants" 0 mutants d1 mutant.d2 d15 --seeds=2 --cases=20000 --depth=3 --markdown=detection.md
expect_last "mutants" '^caught 3 of 3, 0 proved equivalent, 0 unknown$'
grep -q '^| d15 | .* | R2 | 3 | R2 | R2 | 2/2 | [0-9]* | 1 |$' detection.md || fail "mutants: no row of d15"
mv out first
expect_status "mutants again" 0 mutants d1 mutant.d2 d15 --seeds=2 --cases=20000 --depth=3 --jobs=1
cmp first out || fail "mutants: another text with another number of processes"

# The other commands.
expect_status "suts" 0 suts
grep -q '^core\.v3 ' out || fail "suts: no core.v3"
expect_status "graph" 0 graph found/shrunk.trace --sut=mutant.d15
grep -q 'red' out || fail "graph: the count that is wrong is not red"
cp found/shrunk.trace blank.trace
sed -i 's/ *= .*//' blank.trace
expect_status "rewrite" 0 rewrite blank.trace
diff found/shrunk.trace blank.trace >&2 || fail "rewrite: not what the model says"
for command in run replay rewrite shrink graph mutants suts; do
  expect_status "$command --help" 0 $command --help
  grep -q 'Example: holdfast' out || fail "$command --help: no example"
done

[ $failures = 0 ] || { echo "$failures failures" >&2; exit 1; }
echo "every command answered as it should"
