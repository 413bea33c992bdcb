#!/bin/bash
# other_workspace.sh [FOLDER]: a driver's own workspace, as docs/port-guide.md has it: Holdfast as a local_repository and a copy of the
# example. Its first level must pass there, and a copy with a bug of its own must fail at the level of pages, with the shrunk trace.
# Without FOLDER in a temporary one; a FOLDER is left with the example as it was copied. Exit status: 0 all as it should be, 1 not.
set -u
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd) || exit 1
folder=${1:-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d) || exit 1
  trap 'cd /; (cd "$folder" && bazel shutdown >/dev/null 2>&1); rm -rf "$folder"' EXIT
fi
for file in WORKSPACE BUILD; do
  sed "s|HOLDFAST|$root|" "$root/properties/testdata/other_workspace/$file.in" >"$folder/$file" || exit 1
done
echo "import $root/.bazelrc" >"$folder/.bazelrc"
cp "$root/sut/ports/example/example.c" "$folder" && cd "$folder" || exit 1

run() { bazel --max_idle_secs=5 test -c opt --noshow_progress --test_output=errors "$@"; }
run //:my_port_returns || { echo "other_workspace: the example does not pass in a workspace of its own" >&2; exit 1; }
sed -i 's/while (i > 0) iommu_unpreserve_pages/while (i > 1) iommu_unpreserve_pages/' example.c
log=$(mktemp) || exit 1
run //:my_port_pages >"$log" 2>&1 && { echo "other_workspace: a planted bug is not found" >&2; exit 1; }
grep -q 'R8 pages' "$log" && grep -q 'fails at level pages' "$log" || { cat "$log"; echo "other_workspace: expected R8 at level pages" >&2; exit 1; }
find -L bazel-testlogs/my_port_pages -name outputs.zip | grep -q . || { echo "other_workspace: the trace was not kept" >&2; exit 1; }
rm -f "$log"
cp "$root/sut/ports/example/example.c" .
echo "other_workspace: passed"
