#!/bin/bash
# The probe's answers about a tree: the profile and the reason, a missing symbol and its place, and
# that there is no tree at all.
. cli/tests/testing.sh
probe=$runfiles/sut/tree/probe
environment=$runfiles/sut/kernel/include
testdata=$runfiles/sut/tree/testdata

# what, the expected exit status, a pattern of what it prints, then the arguments
says() {
  local what=$1 expected=$2 pattern=$3
  shift 3
  "$probe" "$@" >out 2>&1
  local status=$?
  if [ $status != "$expected" ] || ! grep -qE "$pattern" out || [ "$(wc -l <out)" -gt 30 ]; then
    fail "$what: exit status $status, expected $expected and: $pattern"
  fi
}
# A copy of a tree with `old` replaced by `new` in one of its files.
changed() {  # tree, file, old, new
  rm -rf changed
  cp -rL "$testdata/$1" changed
  chmod -R u+w changed
  sed -i "s~$3~$4~" "changed/$2"
  cmp -s "changed/$2" "$testdata/$1/$2" && fail "$3 is not in $2"
}
source=drivers/iommu/liveupdate.c interface=include/linux/iommu-liveupdate.h \
  abi=include/linux/kho/abi/iommu.h

for compiler in gcc clang; do
  export CC=$compiler
  says "older" 0 '^profile v3: last argument is u64 \*preserved_state, does not put the FLB$' "$testdata/older" "$environment"
  says "newer" 0 '^profile v5: last argument is u64 dma_owner_token, puts the FLB, asks for singleton groups$' \
    "$testdata/newer" "$environment"

  changed older $source 'kfree(s);' 'kfree_sensitive(s);'
  says "missing function" 2 "^holdfast: $source:[0-9]+: kfree_sensitive\(\) is not in the environment; .*/linux/slab\.h\$" changed "$environment"
  changed older $source 'linux/slab.h' 'linux/scatterlist.h'
  says "missing header" 2 "^holdfast: $source:[0-9]+: linux/scatterlist\.h is not in .*include/linux/scatterlist\.h\$" changed "$environment"
  changed older $source '<linux/slab.h>' '"dma-iommu.h"'
  : >changed/drivers/iommu/dma-iommu.h  # no more than three files come from a tree
  says "missing private header" 2 "^holdfast: $source:[0-9]+: dma-iommu.h is not in .*include/dma-iommu\.h\$" changed "$environment"
  changed older $source 'kfree(s);' 'kfree(s), kfree_sensitive(s);'
  echo 'void kfree_sensitive(const void *);' >changed/include/linux/pci.h
  says "function in a header that the tree has" 2 "^holdfast: $source:[0-9]+: kfree_sensitive\(\) is not in .*include/linux/pci\.h\$" \
    changed "$environment"
  changed older $source 'pdev->bus' 'pdev->sysdata'
  says "missing member" 2 "^holdfast: $source:[0-9]+: member sysdata of struct pci_dev is not in .*linux/pci\.h\$" changed "$environment"
  changed older $abi 'u32 vasz' 'uuid_t vasz'
  says "missing type" 2 "^holdfast: $abi:[0-9]+: uuid_t is not in .*linux/types\.h\$" changed "$environment"
  changed older $interface '^#endif$' 'int luo_now(void);\n#endif'
  sed -i 's|BUG_ON(!kho_restore_folio(phys));|BUG_ON(luo_now());|' changed/$source
  says "declared, defined nowhere" 2 "^holdfast: $source:[0-9]+: luo_now\(\) is not in .*linux/liveupdate\.h\$" changed "$environment"
  changed older $abi 'u64 token' 'u64 cookie'
  says "renamed field" 2 "^holdfast: $abi: struct iommu_hw_ser has no token" changed "$environment"

  # Older names and shapes.
  changed older $source 'iommu_\(un\|\)preserve_domain' 'iommu_domain_\1preserve'
  sed -i 's/iommu_\(un\|\)preserve_domain/iommu_domain_\1preserve/' changed/$interface
  says "older names" 0 '^profile v3: ' changed "$environment" header
  grep -q 'HOLDFAST_TREE_PRESERVE_DOMAIN iommu_domain_preserve$' header || fail "older names"
  # A comment says nothing.
  changed older $source 'return liveupdate_register_flb' '/* liveupdate_flb_put_outgoing(), iommu_group_is_singleton() */ return liveupdate_register_flb'
  says "comment" 0 'does not put the FLB$' changed "$environment"
done

says "no folder" 2 '^holdfast: /no/such/tree: no such folder; expected' /no/such/tree "$environment"
: >file
says "a file" 2 '^holdfast: file: not a folder; expected' file "$environment"
mkdir -p "a tree"
says "empty folder" 2 "^holdfast: a tree: no $source $interface $abi; expected" "a tree" "$environment"
cp -rL "$testdata/older/." "a tree"
says "folder with a blank" 0 '^profile v3: ' "a tree" "$environment"
rm -f "a tree/$abi" "a tree/$interface"
: >"a tree/include/linux/iommu-lu.h"
says "an older series" 2 '^holdfast: a tree: include/linux/iommu-lu\.h: a series before' "a tree" "$environment"
cp -rL "$testdata/older/." "a tree" && rm -f "a tree/$abi"
says "no ABI header" 2 "^holdfast: a tree: no $abi; expected" "a tree" "$environment"

finish "the probe says what it should"
