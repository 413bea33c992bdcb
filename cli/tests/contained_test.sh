#!/bin/bash
# An implementation that ends the process, smashes its memory, loops with signals blocked or sleeps
# for ever is a verdict like any other: the rule, the smallest trace, the files, exit status 1;
# replay shows it again, and shrink.
. cli/tests/testing.sh
holdfast=$runfiles/$1
faulty=$runfiles/$2

# name, commands of the smallest trace, what the report says. What is contained in the process is
# searched for, what ends it is shrunk: where a sanitizer decides which of the two it is, both
# lengths are right.
is_contained() {
  local name=$1 commands=$2 says=$3
  "$holdfast" run --sut="$faulty/$name.so" --depth=3 --cases=500 --out="$name" >out 2>err
  [ $? = 1 ] || fail "$name: exit status"
  tail -n 1 out | grep -qE "^verdict: diverges $name profile v3: R15 quiet, ($commands) commands?, seed 1\$" || fail "$name: the verdict"
  grep -qE "$says" out || fail "$name: no $says"
  for file in failing.trace shrunk.trace report.txt; do [ -s "$name/$file" ] || fail "$name: no $file"; done
  "$holdfast" replay --sut="$faulty/$name.so" "$name/shrunk.trace" >out 2>err
  [ $? = 1 ] || fail "$name: exit status of the replay"
  grep -qE "$says" out || fail "$name: the replay says no $says"
}

is_contained aborting 2 'process +sut +ended: SIGABRT$'
is_contained exiting 2 'process +sut +ended: exit status 0$'
is_contained signalled 2 'process +sut +ended: SIGKILL$'
is_contained recursing '1|2' 'process +sut +ended: |sut +CRASH'
is_contained overflowing '1|2' 'process +sut +ended: |sut +CRASH'
is_contained smashing '1|2' 'process +sut +ended: |sut +CRASH'
is_contained looping 1 'sut +hung$'
is_contained deaf_loop 1 'process +sut +ended: hung$'
is_contained deadlocking 1 'process +sut +ended: blocked$'

"$holdfast" shrink --sut="$faulty/aborting.so" aborting/failing.trace >out 2>err
[ $? = 1 ] || fail "shrink: exit status"
grep -q '^preserve_domain dom0' out || fail "shrink: not the smallest trace"
"$holdfast" replay --in-process --sut="$faulty/exiting.so" exiting/shrunk.trace >out 2>err
[ $? = 0 ] || fail "--in-process: there was a child process"  # the implementation ended this one, with its own status

finish "every one was contained"
