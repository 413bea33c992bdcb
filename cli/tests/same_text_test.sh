#!/bin/bash
# same_text_test.sh HOLDFAST PORT_CONFORMANCE OBJECT...: for each mutant of a driver port, `holdfast
# run` and the conformance test of the port end in the same shortest trace.
. cli/tests/testing.sh
holdfast=$runfiles/$1
conformance=$runfiles/$2
shift 2

for object; do
  mutant=$(basename "$object" .so)
  own=$mutant.own
  "$holdfast" run --sut="$runfiles/$object" --out="$mutant" >out 2>err
  [ $? = 1 ] || fail "run does not find $mutant"
  mkdir "$own"
  TEST_UNDECLARED_OUTPUTS_DIR=$PWD/$own "$conformance" "$runfiles/$object" continuity >out 2>err &&
    fail "the conformance test of the port does not find $mutant"
  cmp "$mutant/shrunk.trace" "$own/shrunk.trace" >&2 || fail "$mutant has two shortest traces"
  claim="^# mutant\.$mutant breaks R"
  grep -q "$claim" "$mutant/shrunk.trace" || fail "the trace of $mutant has no claim"
  # Each part of the conformance test that fails prints this text.
  failed=$(grep -c '^The port fails at level ' out)
  printed=$(grep -c "$claim" out)
  [ "$failed" -gt 0 ] && [ "$printed" = "$failed" ] ||
    fail "$failed parts fail on $mutant, $printed print the trace"
  lines=$(wc -l <"$mutant/shrunk.trace")
  grep "$claim" -A "$lines" out | head -n "$lines" | cmp - "$mutant/shrunk.trace" >&2 ||
    fail "the conformance test prints another trace of $mutant"
done
finish "$# mutants of driver ports: one shortest trace each"
