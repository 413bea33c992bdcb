#!/bin/bash
# conforms_test.sh HOLDFAST SUT: the whole job; the last line is the verdict.
exec "$1" run --sut="$2" --out="${TEST_UNDECLARED_OUTPUTS_DIR:-holdfast-out}"
