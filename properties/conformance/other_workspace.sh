#!/bin/bash
# other_workspace.sh: workspaces of one's own, as `./holdfast init` makes them, in a temporary
# folder with a Bazel of its own. Every level of the port must pass there, and the core. A port with
# a bug of its own must pass the levels before pages and fail from there on, each time naming that
# level, with the shrunk trace and the graph in the undeclared outputs and the failure in the JUnit
# XML. A core with a bug must fail likewise.
set -u
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd) || exit 1
log=$(mktemp) && work=$(mktemp -d) || exit 1
folder=$work/driver bazel=(bazel "--output_user_root=$work/output" --max_idle_secs=5)
# What Bazel has unpacked is not writable, in folders too.
trap 'cd "$folder" && "${bazel[@]}" shutdown >/dev/null 2>&1; cd / && chmod -R u+w "$work" && rm -rf "$work" "$log"' EXIT
"$root/cli/init/init" port "$folder" && "$root/cli/init/init" core "$work/core" || exit 1
# One workspace for both, so that the suite is built once.
cmp "$folder/WORKSPACE" "$work/core/WORKSPACE" || exit 1
mkdir "$folder/core" && mv "$work"/core/{BUILD,*.cc} "$folder/core" && cd "$folder" || exit 1

run() { "${bazel[@]}" test --keep_going --noshow_progress --test_output=errors "$@" >"$log" 2>&1; }
fail() { cat "$log" >&2; echo "other_workspace: $1" >&2; exit 1; }
xml_of() { echo "bazel-testlogs/my_port_$1/test.xml"; }
tells() {  # file, claim: the message has the rule, the trace and the command that replays it
  grep -q "# $2" "$1" && grep -q 'preserve_file .*= 0' "$1" && grep -q 'replay: ./holdfast replay ' "$1" ||
    fail "$1 does not tell the failure"
}

run :my_port //core:my_core || fail "the examples do not pass in a workspace of their own"
for level in returns state faults pages handover continuity; do
  grep -q "^//:my_port_$level .*PASSED" "$log" || fail "level $level was not run"
  grep -q '<testcase name="RandomSequences".*result="completed"' "$(xml_of $level)" || fail "level $level has no JUnit XML"
done
grep -q "^//:my_port_damaged_records .*PASSED" "$log" || fail "damaged records were not tried"

sed -i 's/while (i > 0) iommu_unpreserve_pages/while (i > 1) iommu_unpreserve_pages/' example.c
sed -i '0,/refuses_double = false/s//refuses_double = true/' core/liveupdate.cc
run :my_port //core:my_core && fail "a planted bug is not found"
for level in returns state faults; do
  grep -q "^//:my_port_$level .*PASSED" "$log" || fail "the planted bug is found at level $level, before that of pages"
done
for level in pages handover continuity; do
  grep -q "^//:my_port_$level .*FAILED" "$log" || fail "the planted bug is not found at level $level"
  grep -q '<failure .*The port fails at level pages' "$(xml_of $level)" || fail "the JUnit XML of $level has no failure at level pages"
  tells "$(xml_of $level)" "my_port breaks R8 pages"
  kept=bazel-testlogs/my_port_$level/test.outputs/outputs.zip
  unzip -p "$kept" shrunk.trace | grep -q '^# my_port breaks R8 pages' || fail "the trace of $level was not kept"
  unzip -p "$kept" shrunk.dot | grep -q '^digraph' || fail "the graph of $level was not kept"
done
xml=bazel-testlogs/core/my_core
tells $xml/test.xml "my_core breaks R5 atomic"
grep -q '<failure message="verdict: diverges my_core profile v3: R5 atomic' $xml/test.xml || fail "the JUnit XML of the core has no verdict"
unzip -p $xml/test.outputs/outputs.zip shrunk.trace | grep -q '^# my_core breaks R5 atomic' || fail "the trace of the core was not kept"
echo "other_workspace: passed"
