#!/bin/bash
# A level is reached only if all of its tests ran: a filter that leaves one out reaches nothing.
. cli/tests/testing.sh
conformance=$runfiles/$1
port=$runfiles/$2

says() {  # a filter, the last line
  "$conformance" "$port" returns --gtest_filter="$1" >out 2>err || fail "$1: exit status"
  [ "$(tail -n 1 out)" = "$2" ] || fail "$1: the last line is not: $2"
}
says '*NoSuch*' 'level returns not judged: 3 of 3 tests left out'
says '*EveryShortSequence' 'level returns not judged: 2 of 3 tests left out'
says '*' 'level reached: returns'

finish "a level that a filter cuts is not reached"
