#!/bin/bash
# ./holdfast itself: its calls of Bazel and of the binary, and its exit status. Here Bazel and the
# binary are stand-ins that write down their arguments, in a copy of the files that the script uses.
. cli/tests/testing.sh
files=$runfiles
repo=$TEST_TMPDIR/repo trees=$TEST_TMPDIR/trees log=$TEST_TMPDIR/log
mkdir -p "$repo/third_party" "$repo/sut/tree/driver" "$repo/sut/kernel" "$TEST_TMPDIR/path" "$TEST_TMPDIR/bin/cli" "$trees"
cp -L "$files/holdfast" "$repo/"
cp -L "$files/sut/tree/probe" "$files/sut/tree/lacking.sh" "$files/sut/tree/coverage" "$repo/sut/tree/"
cp -L "$files/sut/tree/driver/probe" "$files"/sut/tree/driver/*.h "$repo/sut/tree/driver/"
cp -RL "$files/sut/kernel/include" "$repo/sut/kernel/"
cp -RL "$files/sut/ports" "$repo/sut/"
printf '#!/bin/sh\nexit 0\n' >"$repo/third_party/install"
cat >"$TEST_TMPDIR/path/bazel" <<END
#!/bin/bash
[ "\$1" = info ] && { echo "$TEST_TMPDIR/bin"; exit; }
printf 'bazel'  >>"$log"
printf ' <%s>' "\$@" >>"$log"
echo " tree=\${HOLDFAST_KERNEL_TREE-unset}" >>"$log"
exit \${BUILD_STATUS:-0}
END
cat >"$TEST_TMPDIR/bin/cli/holdfast" <<END
#!/bin/bash
printf 'holdfast' >>"$log"
printf ' <%s>' "\$@" >>"$log"
echo >>"$log"
exit \${RUN_STATUS:-0}
END
chmod +x "$repo/holdfast" "$repo/third_party/install" "$TEST_TMPDIR/path/bazel" "$TEST_TMPDIR/bin/cli/holdfast"
export PATH=$TEST_TMPDIR/path:$PATH
sut=$TEST_TMPDIR/bin/sut/tree/kernel_tree.so
cp -RL "$files/sut/tree/testdata/older" "$trees/older"
cp -RL "$files/sut/tree/testdata/newer" "$trees/a newer tree"
ln -s older "$trees/link"
cd "$trees" || exit 1

# what, the expected exit status, patterns that the log or what was printed must match, --, then the
# arguments of ./holdfast
does() {
  local what=$1 expected=$2 patterns=() pattern
  shift 2
  while [ "$1" != -- ]; do patterns+=("$1") && shift; done
  shift
  : >"$log"
  "$repo/holdfast" "$@" >out 2>&1
  local status=$?
  [ $status = "$expected" ] || fail "$what: exit status $status instead of $expected"
  for pattern in "${patterns[@]}"; do
    cat out "$log" | grep -qE -- "$pattern" || fail "$what: no $pattern, and not in: $(cat "$log")"
  done
}

does "no arguments: the main job" 0 '^bazel <build> <-c> <opt> .*<//cli:holdfast>.* tree=unset$' '^holdfast <run>$' --
HOLDFAST_KERNEL_TREE=/elsewhere does "no tree is asked for: none is built" 0 ' tree=unset$' '^holdfast <suts>$' -- suts
RUN_STATUS=1 does "the binary's status" 1 -- run --sut=mutant.d1
BUILD_STATUS=1 does "a build that fails" 3 '^holdfast: the build failed$' -- run
does "help" 0 '^\./holdfast tree PATH' '^bad PATH, or where' -- tree --help
[ "$(wc -l <out)" -lt 30 ] || fail "help: more than the help"

does "a tree" 0 '^profile v3: last argument is u64 \*preserved_state' "<//sut/tree:kernel_tree.so>.* tree=$trees/older\$" \
  "^holdfast <run> <--sut=$sut> <--seed=7>\$" -- tree older --seed=7
does "a tree with a blank in its name" 0 '^profile v5: ' '^the tree has a driver too, .*: --driver=vtd$' "tree=$trees/a newer tree\$" -- tree "a newer tree"
does "a link to a tree, by an absolute path" 0 "tree=$trees/older\$" -- tree "$trees/link"
does "another command" 0 "^holdfast <replay> <--sut=$sut> <a.trace>\$" -- tree older replay a.trace
does "a certificate" 0 "^holdfast <explore> <--sut=$sut> <--world=2,1,1>\$" -- tree older explore --world=2,1,1
does "a graph" 0 "^holdfast <graph> <--sut=$sut> <a.trace>\$" -- tree older graph a.trace
does "with sanitizers" 0 '^bazel <build> <--config=sanitize> ' "^holdfast <run> <--sut=$sut> <--contract>\$" -- tree older --sanitize --contract
does "with sanitizers, another command" 0 '^bazel <build> <--config=sanitize> ' "^holdfast <replay> <--sut=$sut> <a.trace>\$" \
  -- tree older replay --sanitize a.trace
RUN_STATUS=1 does "a tree that diverges" 1 -- tree older
does "coverage" 3 '<--per_file_copt=kernel_.a-z0-9_.*/drivers/\.\*@-fsanitize-coverage=trace-pc,' "^holdfast <run> <--sut=$sut> <--depth=2>\$" \
  'nothing was noted' -- tree older coverage --depth=2

of_driver=$TEST_TMPDIR/bin/sut/tree/driver/kernel
does "a driver, in each mode" 0 '^profile v5: ' '^driver vtd: 9 functions' \
  "<//sut/tree/driver:kernel_vtd_scalable_tree.so> <//sut/tree/driver:kernel_vtd_first_tree.so>" \
  "^holdfast <run> <--sut=${of_driver}_vtd_legacy_tree.so> <--seed=7>\$" \
  "^holdfast <run> <--sut=${of_driver}_vtd_first_tree.so> <--seed=7>\$" -- tree "a newer tree" --driver=vtd --seed=7
[ "$(grep -c '^holdfast' "$log")" = 3 ] || fail "a driver, in each mode: not its three modes"
does "one mode" 0 '^driver smmuv3: 8 functions$' "^holdfast <run> <--sut=${of_driver}_smmuv3_linear_tree.so>\$" -- tree "a newer tree" --driver=smmuv3.linear
[ "$(grep -c '^holdfast' "$log")" = 1 ] || fail "one mode: not that one alone"
does "what the tree has" 0 '^driver vtd: 9 functions' '^driver smmuv3: 8 functions' \
  "^holdfast <run> <--sut=${of_driver}_smmuv3_stage2_tree.so>\$" -- tree "a newer tree" --driver
[ "$(grep -c '^holdfast' "$log")" = 7 ] || fail "what the tree has: not every mode of both drivers"
cp -RL "a newer tree" armed && rm -r armed/drivers/iommu/intel
does "what a tree with one driver has" 0 '^driver smmuv3: 8 functions' -- tree armed --driver
[ "$(grep -c '^holdfast' "$log")" = 4 ] || fail "what a tree with one driver has: not its four modes"
does "a tree with one driver, named" 0 '^the tree has a driver too, .*-liveupdate\.c: --driver=smmuv3$' -- tree armed
RUN_STATUS=1 does "a driver that diverges, under the project's core" 1 '^core of the project: v5$' '^driver vtd: 9 functions' \
  "^holdfast <replay> <--sut=${of_driver}_vtd_legacy_v5.so> <a.trace>\$" -- tree "a newer tree" replay --driver=vtd --core=ours a.trace
[ "$(grep -c '^holdfast' "$log")" = 1 ] || fail "a driver that diverges: the next mode ran"
does "coverage of a driver" 3 "coverage .*kernel_smmuv3_linear_tree|nothing was noted" -- tree "a newer tree" coverage --driver=smmuv3.linear
does "no such driver" 2 '^holdfast: --driver=vtx: expected vtd or smmuv3, or one mode: vtd\.legacy, .*smmuv3\.stage2$' -- tree older --driver=vtx
does "a driver without a name" 2 '^holdfast: --driver=: expected vtd or smmuv3' -- tree older --driver=
does "no such mode" 2 '^holdfast: --driver=vtd\.linear: expected vtd or smmuv3' -- tree older --driver=vtd.linear
does "no such core" 2 '^holdfast: --core=mine: expected tree or ours' -- tree older --driver=vtd --core=mine
does "a core without a driver" 2 '^holdfast: --core=ours: expected with --driver' -- tree older --core=ours
does "a tree without a driver" 2 '^holdfast: .*older: no drivers/iommu/intel/liveupdate\.c; expected' -- tree older --driver=vtd.first
does "a tree without any driver" 2 '^holdfast: .*older: no drivers/iommu/intel/liveupdate\.c and no .*; expected a kernel tree with a driver$' -- tree older --driver
cp -RL armed/drivers/iommu/arm older/drivers/iommu/
does "SMMUv3 under the project's earlier core" 2 "^holdfast: --core=ours: the project's core v3 has no records of SMMUv3; expected --core=tree\$" -- tree older --driver=smmuv3 --core=ours

does "no path" 2 '^holdfast: tree: expected the path of a kernel tree' -- tree
does "a command that a tree has not" 2 '^holdfast: tree: bogus: expected run, explore, replay, shrink, graph or coverage$' -- tree older bogus
! grep -q bazel "$log" || fail "a command that a tree has not was built for"
does "an option instead of a path" 2 '^holdfast: tree: expected the path of a kernel tree' -- tree --seed=7
does "no such tree" 2 '^holdfast: .*/nowhere: no such folder' -- tree nowhere
rm -f older/include/linux/kho/abi/iommu.h
does "a tree without its ABI" 2 '^holdfast: .*older: no include/linux/kho/abi/iommu\.h; expected' -- tree older
echo 'int x = ;' >>"a newer tree/drivers/iommu/liveupdate.c"
does "a file that does not compile" 2 'does not compile in the environment' 'liveupdate\.c:[0-9]+:[0-9]+: error' -- tree "a newer tree"
! grep -q bazel "$log" || fail "a bad tree was built"

finish "the script does what it says"
