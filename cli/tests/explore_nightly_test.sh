#!/bin/bash
# Larger worlds than the default run's, each shard of the test a shard of each:
# bazel test -c opt //cli/tests:explore_nightly_test. A Bazel remote executor spreads the shards;
# together they have walked every edge (properties/search/product/product.h).
. cli/tests/testing.sh
holdfast=$runfiles/$1
[ -z "${TEST_SHARD_STATUS_FILE:-}" ] || touch "$TEST_SHARD_STATUS_FILE"
shard=$((${TEST_SHARD_INDEX:-0} + 1))/${TEST_TOTAL_SHARDS:-1}
explore() {
  "$holdfast" explore --shard="$shard" --max-states=0 "$@" 2>err || fail "$*"
}
for core in v3 v5; do
  explore --sut=core.$core --world=4,2,3
  explore --sut=core.$core --world=3,2,1 --ordered --with=attach,faults,handover
  explore --sut=core.$core --world=2,1,1 --with=faults,owners --callers=hostile
  explore --sut=core.$core --world=1,1,1 --with=faults,handover --callers=hostile
done
finish "all edges of shard $shard hold"
