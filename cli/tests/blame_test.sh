#!/bin/bash
# Who is to blame. An implementation that is ended from outside is not accused. One that does not do
# the same each time is called that. What an implementation does to its process and to the machine
# harms neither the report nor the machine.
. cli/tests/testing.sh
holdfast=$runfiles/$1
object=$runfiles/$2
kind=$3

# what it does, exit status, pattern of the verdict, further arguments
run() {
  local what=$1 status=$2 verdict=$3
  shift 3
  rm -rf holdfast-out report.json
  MISBEHAVES=$what timeout 120 "$holdfast" run --sut="$object" --depth=3 --cases=3000 --json=report.json \
    "$@" >out 2>err
  local got=$?
  [ $got = "$status" ] || fail "$what: exit status $got instead of $status"
  [ "$status" = 3 ] && return
  tail -n 1 out | grep -qE "^verdict: $verdict" || fail "$what: the verdict"
  [ "$(grep -c '^verdict:' out)" = 1 ] || fail "$what: more than one verdict"
  [ -s report.json ] || fail "$what: no JSON"
}

varies() {
  run "$1" 1 "not deterministic $1 profile v3: two runs differ at call "
  grep -q '"verdict": "not deterministic"' report.json || fail "$1: the JSON"
  grep -qE 'shortest: ' out && fail "$1: called the shortest"
  ls holdfast-out/*.trace 2>/dev/null && fail "$1: a trace that does not replay"
  grep -q 'not deterministic' holdfast-out/report.txt || fail "$1: no report"
}

# what it does, what the report says
dies() {
  run "$1" 1 "diverges $1 profile v3: R15 quiet, [0-9]+ command"
  grep -qE "process +sut +ended: $2\$" out || fail "$1: no $2"
  grep -qE '^divergence: [a-z0-9 ,]+, ([a-z0-9_]+\.trace|[a-z]+ [0-9,]+|noticed later)' out || fail "$1: no place"
  MISBEHAVES=$1 "$holdfast" replay --sut="$object" holdfast-out/shrunk.trace >out 2>err
  [ $? = 1 ] || fail "$1: exit status of the replay"
  grep -qE "$2\$" out || fail "$1: the replay says no $2"
}

# The right word for each of ten kinds, with the machine idle and under load in turn.
ten_kinds() {
  for what in rand stack observe_varies; do varies $what; done
  run throws 1 'diverges throws profile v3: R15 quiet'
  run observe_throws 1 'diverges observe_throws profile v3: R15 quiet'
  run canonicalize_throws 1 'diverges canonicalize_throws profile v3: R15 quiet'
  run fork_bomb 1 'diverges fork_bomb profile v3: R15 quiet'
  run spawns 1 'diverges spawns profile v3: R15 quiet'
  run closes 1 'diverges closes profile v3: R15 quiet'
  touch alive
  run killed_once 0 'conforms killed_once profile v3'
}

case $kind in
  repeated)
    for ((i = 1; i <= ${REPEATS:-2}; ++i)); do
      load=()
      if [ $((i % 2)) = 0 ]; then
        for _ in 1 2 3 4; do
          while :; do :; done &
          load+=($!)
        done
      fi
      ten_kinds
      [ ${#load[@]} = 0 ] || kill "${load[@]}"
    done
    ;;
  varies)
    for what in rand stack time restore observe_varies aborts_by_time; do varies $what; done
    printf '# A trace.\nprofile v3\ntopology dom0\npreserve_file = 0\npreserve_domain dom0 = 0\n' >sound.trace
    MISBEHAVES=stack "$holdfast" replay --sut="$object" sound.trace >out 2>err
    [ $? = 1 ] || fail "replay: exit status"
    grep -q 'not deterministic' out || fail "replay: does not say so"
    ;;
  outside)
    for what in killed_once out_of_time_once kills_parent_once; do
      touch alive
      run $what 0 "conforms $what profile v3"
      [ ! -e alive ] || fail "$what: nothing was killed"
    done
    run kills_by_time 3 ''
    grep -q 'ended 3 times from outside (SIGKILL)' err || fail "kills_by_time: not what happened"
    (ulimit -t 1; exec "$holdfast" run --depth=8 --cases=0 --time=0 >out 2>err)
    [ $? = 3 ] || fail "a limit of processor time: exit status"
    grep -q 'from outside.*SIGKILL' err || fail "a limit of processor time: not what happened"
    ;;
  process)
    dies throws 'threw an exception: no\\nfile'
    dies throws_a_number 'threw no std::exception'
    dies observe_throws 'threw an exception: cannot see'
    run canonicalize_throws 1 'diverges canonicalize_throws profile v3: R15 quiet'
    grep -q 'ended: threw an exception: no canonical state' out || fail "canonicalize_throws: not what it threw"
    for what in throws canonicalize_throws; do
      black=()
      [ $what = throws ] && black=(--black-box)
      MISBEHAVES=$what timeout 60 "$holdfast" explore --sut="$object" --world=1,1,1 "${black[@]}" >out 2>err
      [ $? = 1 ] || fail "explore, $what: exit status"
      grep -q 'ended: threw an exception: no' out || fail "explore, $what: not what it threw"
    done
    dies closes 'closed files that are not its own, after the call'
    dies fork_bomb 'forked without end'
    for what in limits signals thread forks_a_bomb writes; do run $what 0 "conforms $what profile v3"; done
    grep -qE '^output: writes wrote 65,[0-9]{3} bytes or more to its standard output and error' out ||
      fail "writes: nothing is said of its output"
    grep -q 'diverges from nothing' err && fail "writes: its output is mixed with the suite's"
    run spawns 1 'diverges spawns profile v3: R15 quiet'
    grep -q 'ended: too many processes' out || fail "spawns: not what it did"
    pgrep -xf 'sleep 34567' && fail "spawns: a process is left"
    run name 0 'conforms sound\\nverdict: conforms\\x1b\[2J profile v3'
    ;;
esac

finish "each had the right word"
