#!/bin/bash
# `explore` gives a verdict on an implementation that ends its process, smashes its memory, loops
# with signals blocked or sleeps for ever: refuted, with the smallest trace, exit status 1, and
# replay shows it again. One process and several give the same. `mutants` reports such a mutant as
# any other, with its trace, and goes on. No process outlives the one that the user started.
. cli/tests/testing.sh
holdfast=$runfiles/$1
faulty=$runfiles/$2
core=$runfiles/$3
kind=$4

# name, world, commands of the smallest trace, what the report says. Two lengths are right where a
# sanitizer decides whether the end is shrunk or searched for, and where the time to shrink runs
# out: each call that hangs takes a second.
is_refuted() {
  local name=$1 world=$2 commands=$3 says=$4 jobs seconds=60
  [[ $says =~ hung|blocked ]] && seconds=3
  for jobs in 1 2; do
    "$holdfast" explore --sut="$faulty/$name.so" --world="$world" --jobs=$jobs \
      --shrink-seconds=$seconds --out="$name" --json="$name.json" >out$jobs 2>err
    local status=$?
    cp out$jobs out
    [ $status = 1 ] || fail "$name, $jobs jobs: exit status $status"
    tail -n 1 out | grep -qE "^refuted: $name breaks R15 quiet of v3 in .*: ($commands) commands?\$" ||
      fail "$name, $jobs jobs: the verdict"
    grep -qE "$says" out || fail "$name, $jobs jobs: no $says"
    grep -q '"verdict": "refuted"' "$name.json" || fail "$name, $jobs jobs: the JSON"
  done
  # Where the time to shrink runs out, the bytes may differ.
  [[ $says =~ hung|blocked ]] || diff out1 out2 >err || fail "$name: one process and two differ"
  "$holdfast" replay --sut="$faulty/$name.so" "$name/shrunk.trace" >out 2>err
  [ $? = 1 ] || fail "$name: exit status of the replay"
  grep -qE "$says" out || fail "$name: the replay says no $says"
}

# name. The implementation stands in for a mutant of the seed, and the core
# itself for another one. Both mutants are in the sample that a sanitized build has.
is_named_by_mutants() {
  local name=$1
  mkdir -p planted/holdfast/sut/mutants
  cp -f "$faulty/$name.so" planted/holdfast/sut/mutants/d1.so
  cp -f "$core" planted/holdfast/sut/mutants/d6.so
  RUNFILES_DIR=$PWD/planted "$holdfast" mutants d1 d6 \
    --jobs=2 --seeds=1 --cases=100 --depth=2 --traces >out 2>err
  [ $? = 1 ] || fail "mutants, $name: exit status"
  grep -qE "^d1 .*UNKNOWN: caught by R15 and not by R" out || fail "mutants, $name: no R15"
  grep -qx "# $name breaks R15 quiet." out || fail "mutants, $name: no trace"
  grep -qE '^d6 .*UNKNOWN: not caught$' out || fail "mutants, $name: it took another one along"
}

# A process group's processes.
group() {
  awk -v group="$1" '{ sub(/^.*\) /, ""); if ($3 == group && $1 != "Z") print }' \
    /proc/[0-9]*/stat 2>/dev/null
}

# How many processes there must be before the first is killed, and the arguments. A sanitized run
# takes its time to get there.
leaves_no_process() {
  local least=$1 leader i
  shift
  set -m
  RUNFILES_DIR=$PWD/planted "$holdfast" "$@" >out 2>err &
  leader=$!
  set +m
  for i in {1..600}; do
    [ "$(group $leader | wc -l)" -ge "$least" ] && break
    sleep 0.1
  done
  [ "$i" -lt 600 ] || fail "$*: fewer than $least processes"
  kill -9 $leader
  wait $leader 2>/dev/null
  for i in {1..50}; do
    [ -z "$(group $leader)" ] && return
    sleep 0.1
  done
  group $leader >err
  fail "$*: processes are left"
}

case $kind in
  dies)
    is_refuted aborting 1,1,1 2 'process +sut +ended: SIGABRT$'
    is_refuted exiting 1,1,1 2 'process +sut +ended: exit status 0$'
    is_refuted signalled 1,1,1 2 'process +sut +ended: SIGKILL$'
    is_refuted recursing 1,1,1 '1|2' 'process +sut +ended: |sut +CRASH'
    is_refuted overflowing 1,1,1 '1|2' 'process +sut +ended: |sut +CRASH'
    is_refuted smashing 1,1,1 '1|2' 'process +sut +ended: |sut +CRASH'
    "$holdfast" explore --black-box --world=1,1,1 --with=none --sut="$faulty/aborting.so" >out 2>err
    [ $? = 1 ] || fail "black box: exit status"
    grep -qE 'process +sut +ended: SIGABRT$' out || fail "black box: no SIGABRT"
    ;;
  hangs)
    is_refuted looping 1,1,1 '1|2' 'sut +hung$'
    is_refuted deaf_loop 1,1,1 '1|2' 'process +sut +ended: hung$'
    is_refuted deadlocking 1,1,1 '1|2' 'process +sut +ended: blocked$'
    ;;
  late)
    is_refuted deep_aborting 4,3,4 '[0-9]+' 'process +sut +ended: SIGABRT$'
    is_refuted deep_exiting 4,3,4 '[0-9]+' 'process +sut +ended: exit status 0$'
    is_refuted deep_deaf_loop 4,3,4 '[0-9]+' 'process +sut +ended: hung$'
    is_refuted deep_deadlocking 4,3,4 '[0-9]+' 'process +sut +ended: blocked$'
    ;;
  mutants)
    is_named_by_mutants aborting
    is_named_by_mutants exiting
    is_named_by_mutants signalled
    is_named_by_mutants smashing
    is_named_by_mutants deaf_loop
    is_named_by_mutants deadlocking
    ;;
  killed)
    mkdir -p planted/holdfast/sut/mutants
    for mutant in d1 d6; do
      cp -f "$core" planted/holdfast/sut/mutants/$mutant.so
    done
    leaves_no_process 2 explore --world=4,2,3 --jobs=1
    leaves_no_process 4 explore --world=4,2,3 --jobs=2
    leaves_no_process 3 run --time=600
    leaves_no_process 3 mutants d1 d6 --jobs=2 --time=600 --cases=1000000000
    ;;
esac

finish "every one was contained"
