#!/bin/bash
# port_contained_test.sh PORT_CONFORMANCE FAULTY: a port that ends its process, or hangs, fails its
# own conformance test with a trace, in each of the three parts.
. cli/tests/testing.sh
conformance=$runfiles/$1
faulty=$runfiles/$2

# name, what the report says.
fails() {
  local name=$1 says=$2
  TEST_UNDECLARED_OUTPUTS_DIR=$PWD "$conformance" "$faulty/$name.so" continuity --time=8 >out 2>err
  [ $? = 1 ] || fail "$name: exit status"
  [ "$(grep -c '^The port fails at level ' out)" = 3 ] || fail "$name: not in each part"
  [ "$(grep -cx "# $name breaks R15 quiet." out)" = 3 ] || fail "$name: no trace"
  [ "$(grep -cE "$says" out)" = 3 ] || fail "$name: no $says"
}
fails aborting 'process +sut +ended: SIGABRT$'
fails deaf_loop 'process +sut +ended: hung$'
finish "both fail with a trace"
