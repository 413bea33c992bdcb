#!/bin/bash
# `holdfast check-log`: the verdicts, the probes, and files that are no logs.
. cli/tests/testing.sh
holdfast=$runfiles/$1 check=$runfiles/$2 schema=$runfiles/$3

expect() {  # status, what standard output or error must have, arguments
  local status=$1 pattern=$2
  shift 2
  timeout 60 "$holdfast" check-log "$@" >out 2>err
  local got=$?
  [ $got = "$status" ] || fail "$*: exit status $got instead of $status"
  cat out err | grep -qE -- "$pattern" || fail "$*: no match of $pattern"
}

line() { echo "holdfast 0 7 1000 $*"; }
call() {  # the result, the function, its arguments; acts come from standard input
  local result=$1 function=$2
  shift 2
  line "> $function $*"
  cat
  line "< $function ret=$result"
}
log() {  # the second preserve_device returns $1
  call 0 iommu_liveupdate_flb_preserve </dev/null
  call 0 iommu_preserve_domain domain=0x1000 </dev/null
  call 0 iommu_preserve_device domain=0x1000 dev=0x2000 </dev/null
  call "$1" iommu_preserve_device domain=0x1000 dev=0x2000 </dev/null
}

log -16 >busy.log
log 0 >twice.log
expect 0 'the log is a run of the model, profile v5' busy.log --profile=v5 --fresh --json=run.json
expect 1 'twice\.log:8: no state of the model allows' twice.log --profile=v5 --trace=v5.trace \
  --json=diverges.json
grep -q '^  -EBUSY' out || fail "-EBUSY is not among what the model allows"
"$holdfast" replay v5.trace >out 2>err || fail "the trace does not replay"
expect 0 'twice\.log:7: hazard: iommu_preserve_device: .*R4 unique' twice.log --profile=v3 --fresh
"$check" "$schema" run.json diverges.json >members 2>err || fail "not of the schema"

# A second run whose first lines are the bad ones, and a mark that takes the verdict back.
{ sed 's/^holdfast 0/holdfast 1/' twice.log; echo "Lost 3 events"; } >lost.log
expect 0 'left open: 1 gaps' lost.log --profile=v5 --fresh

for tool in ftrace bpftrace; do
  expect 0 'iommu_preserve_device' --probes=$tool
done
expect 2 '--probes=strace: expected ftrace or bpftrace' --probes=strace
expect 2 'FILE: expected a log' --fresh
expect 2 '--profile=v9: expected' busy.log --profile=v9

: >empty.log
head -c 65536 /dev/urandom >garbage.log
head -c 100000000 /dev/zero | tr '\0' a >long.log
{ cat busy.log; echo 'luo-1 [000] 2.5: sched_switch: x'; } >mixed.log
printf '%s\n' 'luo-1 [000] 2.5: sched_switch: x' >unrelated.log
rm -f bad.json
expect 2 '^missing\.log:1:1: expected a readable file' missing.log --json=bad.json
expect 2 '^empty\.log:1:1: expected a call' empty.log --json=bad.json
expect 2 '^unrelated\.log:1:1: expected a call' unrelated.log --json=bad.json
expect 2 '^garbage\.log:[0-9]+:[0-9]+: expected' garbage.log --json=bad.json
expect 2 '^long\.log:1:65537: expected a line of at most' long.log --json=bad.json
expect 2 '^mixed\.log:9:1: expected a line of bpftrace' mixed.log --json=bad.json
[ ! -e bad.json ] || fail "a file that is no log left JSON behind"

# Memory does not grow with the log.
{ cat busy.log; yes 'holdfast 0 7 1000 > some_other_function with=words' | head -n 5000000; } >big.log
(
  ulimit -v 200000
  "$holdfast" check-log big.log --profile=v5 >out 2>err
) || fail "a log of $(wc -c <big.log) bytes"

finish "logs are judged, and what is none is refused"
