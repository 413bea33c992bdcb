#!/bin/bash
# `holdfast run` as a person and as CI meet it: the same seed gives the same bytes, on every
# compiler; the verdict is the last line and agrees with the exit status; a divergence leaves files
# behind, and the replay command that it prints reproduces it.
. cli/tests/testing.sh
holdfast=$runfiles/$1
golden=$runfiles/cli/tests/testdata

expect_status() {  # what, status, arguments; output in out
  local what=$1 status=$2
  shift 2
  "$holdfast" "$@" >out 2>err
  local got=$?
  [ $got = "$status" ] || fail "$what: exit status $got instead of $status"
}
expect_last() {  # what, pattern of the last line
  tail -n 1 out | grep -qE "$2" || fail "$1: the last line does not match: $2"
}

# The whole text, as written down: whatever compiler and optimization built this. AddressSanitizer
# has no callers at once.
for core in v3 v5; do
  expect_status "run core.$core" 0 run --sut=core.$core --seed=7 --cases=2000 --depth=3 \
    --callers-at-once=1 --time=300 --json=report.json
  expect_last "run core.$core" "^verdict: conforms core\.$core profile $core: [0-9,]+ checked commands, [0-9]+ hazards, seed 7$"
  diff "$golden/run_core_$core.golden" out >&2 || fail "run core.$core: not the text that is written down"
  grep -q '"verdict": "conforms"' report.json || fail "run core.$core: no verdict in the JSON"
done
ls holdfast-out >/dev/null 2>&1 && fail "a run that conforms left holdfast-out behind"

# The seed and the number of cases, said RapidCheck's way.
RC_PARAMS="seed=7 max_success=2000" expect_status "RC_PARAMS" 0 run --depth=3 --time=300 \
  --callers-at-once=1
diff "$golden/run_core_v3.golden" out >&2 || fail "RC_PARAMS: not the same run as --seed --cases"

# A divergence.
expect_status "run of a mutant" 1 run --sut=mutant.d15 --seed=7 --cases=2000 --depth=3 \
  --out=found --json=report.json
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

grep -q '^  first state that differs: after call 3$' out || fail "shrink: not where the sides differ first"
expect_status "shrink without time" 1 shrink found/failing.trace --sut=mutant.d15 --shrink-seconds=0.000001
grep -q '^shortest: .*the time ran out$' out || fail "shrink without time: does not say which bound was met"
grep -q '^preserve_device' out || fail "shrink without time: not the best so far"

# What a profile breaks by itself.
expect_status "v3 on stage C" 1 run --luo=C --cases=100 --depth=2
expect_last "v3 on stage C" 'R11 balanced'
expect_status "v5 on stage A" 1 run --sut=core.v5 --luo=A --cases=100 --depth=2
expect_last "v5 on stage A" 'R11 balanced'
expect_status "another profile" 1 run --sut=core.v5 --profile=v3 --cases=100 --depth=2
grep -qx 'note: core.v5 says that it is of profile v5; it was held against v3' out || fail "another profile: no note"
expect_status "hardened" 1 run --hardened --cases=100 --depth=4

# A certificate: the same bytes on every compiler, the last line says what is proved and agrees with
# the exit status.
expect_status "explore" 0 explore --world=2,1,2 --json=certificate.json
expect_last "explore" '^proved: every implementation state of core\.v3 reachable in world 2,1,2 .* agrees with v3: 148 states, '
diff "$golden/explore_core_v3.golden" out >&2 || fail "explore: not the text that is written down"
grep -q '"verdict": "proved"' certificate.json || fail "explore: no verdict in the JSON"
expect_status "explore, hostile" 0 explore --world=1,1,1 --callers=hostile --kept --slots=2 --sut=core.v5
expect_last "explore, hostile" '^proved: '
expect_status "explore the model" 0 explore --model-only --world=2,1,2
expect_last "explore the model" '^proved: every rule .*: 148 states'
expect_status "explore the model up to symmetry" 0 explore --model-only --symmetry --world=4,2,3 --json=certificate.json
expect_last "explore the model up to symmetry" '^proved: every rule .*: 2,440 states up to symmetry'
grep -q '"symmetries": 48,' certificate.json || fail "explore the model up to symmetry: no symmetries in the JSON"
expect_status "explore a mutant" 1 explore --world=2,1,2 --sut=mutant.d15 --out=refuted --json=certificate.json
expect_last "explore a mutant" '^refuted: mutant\.d15 breaks R2 counted of v3 in world 2,1,2 .*: 3 commands$'
grep -q '"verdict": "refuted"' certificate.json || fail "explore a mutant: no verdict in the JSON"
replay=$(sed -n 's/^replay: \.\/holdfast //p' out)
# shellcheck disable=SC2086
expect_status "its replay command" 1 $replay
expect_status "explore with a budget" 3 explore --max-states=100
expect_last "explore with a budget" '^unfinished: '
expect_status "explore with little time" 3 explore --world=4,2,3 --time=0.001
expect_last "explore with little time" '^unfinished: '
expect_status "pumping with little time" 3 explore --world=2,1,2 --turns=10000 --time=1
expect_last "pumping with little time" '^unfinished: '
expect_status "black box with little time" 3 explore --black-box --extra-states=2 --world=1,1,1 --with=faults --time=0.001
expect_last "black box with little time" '^unfinished: '
expect_status "black box" 0 explore --black-box --extra-states=1 --world=1,1,1 --with=faults \
  --json=certificate.json
expect_last "black box" '^proved: core\.v3 answers as v3 does .* if it is a machine of at most 8 states there: [0-9,]+ tests, [0-9,]+ commands$'
expect_status "black box of a mutant" 1 explore --black-box --world=1,1,1 --with=faults --sut=mutant.d15
expect_last "black box of a mutant" '^refuted: mutant\.d15 answers otherwise than v3 '
edges=0
for shard in 1/3 2/3 3/3; do
  expect_status "shard $shard" 0 explore --world=2,1,2 --shard=$shard --json=shard.json
  edges=$((edges + $(sed -n 's/^  "edges": \([0-9]*\),$/\1/p' shard.json)))
done
expect_status "no shards" 0 explore --world=2,1,2 --json=shard.json
[ "$edges" = "$(sed -n 's/^  "edges": \([0-9]*\),$/\1/p' shard.json)" ] || fail "the shards are not the whole: $edges edges"
# The mutants, of the core and of a port: all are accounted for, and the table of them; the same
# bytes each time.
expect_status "mutants" 0 mutants d1 mutant.d2 d15 vtd_undo_order --seeds=2 --cases=20000 \
  --depth=3 --markdown=detection.md
expect_last "mutants" '^caught 4 of 4, 0 proved equivalent, 0 unknown$'
grep -q '^| d15 | .* | R2 | 3 | R2 | R2 | 2/2 | [0-9]* | 1 |$' detection.md || fail "mutants: no row of d15"
grep -q '^| vtd_undo_order | .* | R8 | pages | 3 | .* | 2/2 | [0-9]* | 1 |$' detection.md || fail "mutants: no row of vtd_undo_order"
grep -qF 'mutants d1 mutant.d2 d15 vtd_undo_order --seeds=2 --cases=20000 --depth=3 --markdown=' detection.md || fail "mutants: not how the table was made"
expect_status "mutants again" 0 mutants d1 mutant.d2 d15 vtd_undo_order --seeds=2 \
  --cases=20000 --depth=3 --jobs=1 --markdown=again.md
cmp detection.md again.md || fail "mutants: another table with another number of processes"
expect_status "a sample of the mutants" 0 mutants d1 d2 d15 vtd_undo_order --sample=3 --seeds=1 --cases=20000 --depth=3
expect_last "a sample of the mutants" '^caught 2 of 2, 0 proved equivalent, 0 unknown$'

# What tells two versions apart, row by row of the table.
expect_status "profiles" 0 profiles v3 v5
diff "$golden/profiles_v3_v5.golden" out >&2 || fail "profiles: not the text that is written down"
sed -n '/^# device preserved twice/,/^$/p' out >told_apart.trace
expect_status "its trace replays" 0 replay told_apart.trace
sed -n "/^# top record's version/,/^\$/p" "$golden/profiles_v3_v5.golden" >full_page.trace
expect_status "the trace of a full page replays" 0 replay full_page.trace
expect_status "profiles between two versions" 0 profiles v3 'v3 checks-group'
grep -qx 'checks-group' out || fail "profiles: no question of a version between"

# The version, wherever a result goes.
expect_status "version" 0 --version
version=$(sed -n 's/^holdfast \([0-9]*\.[0-9]*\.[0-9]*\)$/\1/p' out)
[ -n "$version" ] || fail "version: no number"
for file in report.json certificate.json shard.json; do
  grep -qx "  \"version\": \"$version\"," $file || fail "version: not in $file"
done
grep -q "version $version, with$" detection.md || fail "version: not in the table of the mutants"

# The other commands.
expect_status "suts" 0 suts
grep -q '^core\.v3 ' out || fail "suts: no core.v3"
expect_status "graph" 0 graph found/shrunk.trace --sut=mutant.d15
grep -q 'color=red' out || fail "graph: the count that is wrong is not red"
expect_status "graph of the sound core" 0 graph found/shrunk.trace
! grep -q 'color=red' out || fail "graph of the sound core: something is red"
cp found/shrunk.trace blank.trace
sed -i 's/ *= .*//' blank.trace
expect_status "rewrite" 0 rewrite blank.trace
diff found/shrunk.trace blank.trace >&2 || fail "rewrite: not what the model says"
for command in run explore replay rewrite shrink graph mutants profiles suts; do
  expect_status "$command --help" 0 $command --help
  grep -q 'Example: holdfast' out || fail "$command --help: no example"
done

finish "every command answered as it should"
