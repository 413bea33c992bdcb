#!/bin/bash
# Bad input of every kind gets exit status 2, an error that says what was expected and where, and
# leaves nothing behind.
. cli/tests/testing.sh
holdfast=$runfiles/$1
no_entry=$runfiles/$2

# what, the pattern that standard error must match, then the arguments. The folder must hold the
# same files afterwards.
refuses() {
  local what=$1 pattern=$2
  shift 2
  find . ! -name err ! -name out -printf '%p %s\n' | sort >../before
  timeout 60 "$holdfast" "$@" >out 2>err </dev/null
  local status=$?
  find . ! -name err ! -name out -printf '%p %s\n' | sort >../after
  [ $status = 2 ] || fail "$what: exit status $status instead of 2"
  grep -qE "$pattern" err || fail "$what: standard error does not match: $pattern"
  [ "$(wc -c <err)" -lt 2000 ] || fail "$what: more than 2000 bytes of error"
  cmp -s ../before ../after || fail "$what: left something behind"
}

trace() { printf '%s\n' "# A claim." "profile v3" "topology iommu0(dev0) dom0" "$@"; }

: >empty.trace
head -c 100000000 /dev/zero | tr '\0' a >long_line.trace
head -c 65536 /dev/urandom >garbage.trace
{ echo "# A claim."; head -c 100000000 /dev/zero | tr '\0' b; } >long_second_line.trace
printf '# A claim.\0\n' >nul.trace
printf '# A cl\xff\xfeaim.\nprofile v3\n' >not_utf8.trace
mkdir folder.trace
echo "not a library" >text.so
trace "frobnicate dom0                                         = 0" >unknown_verb.trace
trace "preserve_file" >no_outcome.trace
trace "preserve_domain dom7                                    = 0" >unknown_object.trace
trace "preserve_file                                           = -EWHATEVER" >unknown_errno.trace
trace "preserve_file fail=nowhere                              = 0" >unknown_site.trace
trace "preserve_file fail=kho_alloc@9                          = 0" >unfired.trace
trace "preserve_file                                           = -EBUSY" >wrong_outcome.trace
trace "preserve_file                                           = 0" "state domains[dom0]" >wrong_state.trace
printf '%s\n' "# A claim." "profile v9" "topology iommu0(dev0) dom0" >unknown_profile.trace
printf '%s\n' "# A claim." "profile v3" "topology iommu0(dev0 dev0) dom0" >twice.trace
printf '%s\n' "# A claim." "profile v3" "preserve_file = 0" >no_topology.trace
printf '%s\n' "profile v3" "topology iommu0(dev0) dom0" >no_claim.trace

refuses "missing file" '^missing\.trace:1:1: expected' replay missing.trace
refuses "empty file" '^empty\.trace:1:1: expected' replay empty.trace
refuses "folder" '^folder\.trace:1:1: expected' replay folder.trace
refuses "100 MB line" '^long_line\.trace:1:[0-9]+: expected' replay long_line.trace
refuses "100 MB second line" '^long_second_line\.trace:[0-9]+:[0-9]+: expected' replay long_second_line.trace
refuses "binary garbage" '^garbage\.trace:[0-9]+:[0-9]+: expected' replay garbage.trace
refuses "NUL byte" '^nul\.trace:1:[0-9]+: expected' replay nul.trace
refuses "not UTF-8" '^not_utf8\.trace:1:[0-9]+: expected' replay not_utf8.trace
refuses "unknown verb" '^unknown_verb\.trace:4:1: expected' replay unknown_verb.trace
refuses "missing outcome" '^no_outcome\.trace:4:[0-9]+: expected' replay no_outcome.trace
refuses "unknown object" '^unknown_object\.trace:4:17: expected' replay unknown_object.trace
refuses "unknown errno" '^unknown_errno\.trace:4:59: expected' replay unknown_errno.trace
refuses "unknown fault site" '^unknown_site\.trace:4:[0-9]+: expected' replay unknown_site.trace
refuses "unfired fault" '^unfired\.trace:4:[0-9]+: expected' replay unfired.trace
refuses "wrong outcome" '^wrong_outcome\.trace:4:59: expected' replay wrong_outcome.trace
refuses "wrong state" '^wrong_state\.trace:5:[0-9]+: expected' replay wrong_state.trace
refuses "unknown profile" '^unknown_profile\.trace:2:[0-9]+: expected' replay unknown_profile.trace
refuses "device twice" '^twice\.trace:3:[0-9]+: expected' replay twice.trace
refuses "no topology" '^no_topology\.trace:3:1: expected' replay no_topology.trace
refuses "no claim" '^no_claim\.trace:1:1: expected' replay no_claim.trace
refuses "rewrite of garbage" '^garbage\.trace:' rewrite garbage.trace
refuses "shrink of a missing file" '^missing\.trace:' shrink missing.trace
refuses "an unknown kind of reproducer" '\-\-emit=rs: expected cc' shrink empty.trace --emit=rs
refuses "graph of a missing file" '^missing\.trace:' graph missing.trace

refuses "no processes" '\-\-jobs=0: expected' run --jobs=0
refuses "too many processes" '\-\-jobs=257: expected' run --jobs=257
refuses "processes that are no number" '\-\-jobs=all: expected' run --jobs=all
refuses "processes, and none" '\-\-jobs' run --jobs=2 --in-process
refuses "two modes" '\-\-contract' run --contract --hostile
refuses "unknown profile" '\-\-profile=v9: expected' run --profile=v9
refuses "unknown stage" '\-\-luo=D: expected' run --luo=D
refuses "unknown implementation" 'no_such.*expected' run --sut=no_such
refuses "missing object" '\./missing\.so.*expected' run --sut=./missing.so
refuses "object that is text" 'text\.so.*expected' run --sut=./text.so
refuses "object without the entry point" 'holdfast_sut_entry.*expected' run --sut="$no_entry"
refuses "JSON into a missing folder" 'no_folder/x\.json' run --cases=0 --depth=1 --json=no_folder/x.json
refuses "world that is none" '\-\-world=4,2: expected' explore --world=4,2
refuses "world without a device" '\-\-world=0,1,1: expected' explore --world=0,1,1
refuses "unknown aspect" '\-\-with=foo: expected' explore --with=foo
refuses "unknown caller" '\-\-callers=C9: expected' explore --callers=C9
refuses "shard that is none" '\-\-shard=3/2: expected' explore --shard=3/2
refuses "two pasts" '\-\-kept' explore --kept --ordered
refuses "slots of nothing" '\-\-slots' explore --slots=2
refuses "the model as an object" '\-\-model-only' explore --model-only --sut=core.v3
refuses "symmetry of an implementation" '\-\-symmetry' explore --symmetry
refuses "world that does not pack" '\-\-world=16,8,8: expected' explore --model-only --world=16,8,8 --with=all --callers=hostile
refuses "extra states of no black box" '\-\-extra-states' explore --extra-states=1
refuses "black box with a memory" '\-\-black-box' explore --black-box --kept
refuses "certificate into a missing folder" 'no_folder/x\.json' explore --world=1,1,1 --json=no_folder/x.json
RC_PARAMS="seed=abc" refuses "bad RC_PARAMS" 'RC_PARAMS' run
refuses "a mutant that is not planted" 'nobody: expected a mutant' mutants nobody
refuses "a profile that is none" 'v9:1: expected a profile' profiles v3 v9
refuses "an answer that is none" 'v3 put-flb:4: expected an answer, .*puts-flb' profiles v3 'v3 put-flb'

finish "every bad input was refused"
