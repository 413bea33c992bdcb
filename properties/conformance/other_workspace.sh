#!/bin/bash
# other_workspace.sh [FOLDER]: a driver's own workspace, as docs/port-guide.md has it: Holdfast as a
# local_repository and a copy of the example. Every level must pass there. A copy with a bug of its
# own must pass the levels before pages and fail from there on. Each failure names that level, and
# is in the JUnit XML; the shrunk trace and the graph are in the undeclared outputs.
#
# FOLDER is left with the example as it was copied. other_workspace_test gives no FOLDER: then the
# script works in a temporary folder, with a Bazel of its own. Exit status: 0 all as it should be, 1
# not, 2 no such folder.
set -u
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd) || exit 1
log=$(mktemp) || exit 1
folder=${1:-} bazel=(bazel)
if [ -n "$folder" ]; then
  if [ ! -d "$folder" ]; then
    echo "other_workspace: $folder: expected a folder" >&2
    exit 2
  fi
  echo "other_workspace: builds the suite in $folder, some minutes" >&2
  trap 'rm -f "$log"' EXIT
else
  work=$(mktemp -d) || exit 1
  folder=$work/driver bazel=(bazel "--output_user_root=$work/output" --max_idle_secs=5)
  mkdir "$folder" || exit 1
  # What Bazel has unpacked is not writable, in folders too.
  trap 'cd "$folder" && "${bazel[@]}" shutdown >/dev/null 2>&1; cd / && chmod -R u+w "$work" && rm -rf "$work" "$log"' EXIT
fi
for file in WORKSPACE BUILD; do
  sed "s|HOLDFAST|$root|" "$root/properties/conformance/testdata/other_workspace/$file.in" >"$folder/$file" || exit 1
done
echo "import $root/.bazelrc" >"$folder/.bazelrc"
cp "$root/sut/ports/example/example.c" "$folder" && cd "$folder" || exit 1

run() { "${bazel[@]}" test --keep_going --noshow_progress --test_output=errors "$@" >"$log" 2>&1; }
fail() { cat "$log" >&2; echo "other_workspace: $1" >&2; exit 1; }
xml_of() { echo "bazel-testlogs/my_port_$1/test.xml"; }

run :my_port || fail "the example does not pass in a workspace of its own"
for level in returns state faults pages handover continuity; do
  grep -q "^//:my_port_$level .*PASSED" "$log" || fail "level $level was not run"
  grep -q '<testcase name="RandomSequences".*result="completed"' "$(xml_of $level)" || fail "level $level has no JUnit XML"
done
grep -q "^//:my_port_damaged_records .*PASSED" "$log" || fail "damaged records were not tried"

sed -i 's/while (i > 0) iommu_unpreserve_pages/while (i > 1) iommu_unpreserve_pages/' example.c
run :my_port && fail "a planted bug is not found"
for level in returns state faults; do
  grep -q "^//:my_port_$level .*PASSED" "$log" || fail "the planted bug is found at level $level, before that of pages"
done
for level in pages handover continuity; do
  grep -q "^//:my_port_$level .*FAILED" "$log" || fail "the planted bug is not found at level $level"
  grep -q '<failure .*The port fails at level pages' "$(xml_of $level)" || fail "the JUnit XML of $level has no failure at level pages"
  kept=bazel-testlogs/my_port_$level/test.outputs/outputs.zip
  unzip -p "$kept" shrunk.trace | grep -q '^# my_port breaks R8 pages' || fail "the trace of $level was not kept"
  unzip -p "$kept" shrunk.dot | grep -q '^digraph' || fail "the graph of $level was not kept"
done
cp "$root/sut/ports/example/example.c" . || exit 1
echo "other_workspace: passed"
