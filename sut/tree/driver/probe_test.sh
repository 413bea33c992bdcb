#!/bin/bash
# The probe's answers about a driver: the functions that it has, a missing symbol and its place, and
# that there is no driver at all.
. cli/tests/testing.sh
probe=$runfiles/sut/tree/driver/probe
newer=$runfiles/sut/tree/testdata/newer

of() {
  driver=$1 source=$2
}
# what, the expected exit status, a pattern of what it prints, then options; the tree is `changed`
says() {
  local what=$1 expected=$2 pattern=$3
  shift 3
  "$probe" "$driver" changed "$runfiles/sut/kernel/include" "$runfiles/sut/ports" header "$@" >out 2>&1
  local status=$?
  if [ $status != "$expected" ] || ! grep -qE "$pattern" out || [ "$(wc -l <out)" -gt 30 ]; then
    fail "$what: exit status $status, expected $expected and: $pattern"
  fi
}
# A copy of the tree with `old` replaced by `new` in the driver.
changed() {
  rm -rf changed
  cp -rL "$newer" changed
  chmod -R u+w changed
  sed -i "s~$1~$2~" changed/$source
  cmp -s changed/$source "$newer/$source" && fail "$1 is not in $source"
}

for compiler in gcc clang; do
  export CC=$compiler
  of vtd drivers/iommu/intel/liveupdate.c
  changed small "small and unchanged"
  says "the driver" 0 "^driver vtd: 9 functions, without intel_iommu_detach_restored_device: the suite's own part stands in\$"
  grep -q '^#define HOLDFAST_HAS_INTEL_PASID_RESTORE_TABLE$' header || fail "a function that is there"
  ! grep -q DETACH header || fail "a function that is not there"
  says "on the project's headers" 0 '^driver vtd: 9 functions' ours -DHOLDFAST_PROFILE_V5
  says "on the project's earlier headers" 0 '^driver vtd: 9 functions' ours
  changed 'int intel_iommu_preserve(' 'int intel_iommu_keep('
  says "without a function that every version has" 2 "^holdfast: $source: it does not define intel_iommu_preserve\(\)\$"
  changed 'void clear_unpreserved_context_entries(' 'void clear_entries('
  says "with a function that nothing calls" 0 'without clear_unpreserved_context_entries.*; nothing calls clear_entries$'
  changed 'void clear_unpreserved_context_entries(struct intel_iommu \*unit)' 'void clear_unpreserved_context_entries(struct intel_iommu *unit, int all)'
  says "a function of another type" 2 "^holdfast: $source:[0-9]+: clear_unpreserved_context_entries\(\) has another type .*sut/tree/driver/vtd\.h\$"
  changed 'context_clear_entry(' 'context_clear_present('
  says "a function of the driver" 2 "^holdfast: $source:[0-9]+: context_clear_present\(\) is not in .*sut/ports/vtd/iommu\.h\$"
  echo 'void context_clear_present(void *);' >changed/drivers/iommu/intel/pasid.h
  says "a function in the driver's header in the tree" 2 'context_clear_present\(\) is not in .*sut/ports/vtd/pasid\.h$'
  changed 'info->domain_attached' 'info->pasid_enabled'
  says "a member" 2 "^holdfast: $source:[0-9]+: member pasid_enabled of struct device_domain_info is not in .*sut/ports/vtd/iommu\.h\$"
  changed '"pasid.h"' '"perf.h"'
  says "a header of the driver" 2 "^holdfast: $source:[0-9]+: perf\.h is not in .*sut/ports/vtd/perf\.h\$"
  changed 'linux/pci.h' 'linux/dmi.h'
  says "a header of the kernel" 2 "^holdfast: $source:[0-9]+: linux/dmi\.h is not in .*sut/kernel/include/linux/dmi\.h\$"
  changed 'BUG_ON(rec->intel.max_pasid' 'udelay(1); BUG_ON(rec->intel.max_pasid'
  says "a function of the kernel" 2 "^holdfast: $source:[0-9]+: udelay\(\) is not in .*sut/kernel/include/linux/kernel\.h\$"
  changed 'rec->intel.phys_addr' 'rec->intel.reg_base'
  says "a field of a record" 2 "^holdfast: $source:[0-9]+: member reg_base of struct iommu_intel_ser is not in .*include/linux/kho/abi/iommu\.h\$"
done

# The messages are the same code's for both drivers and both compilers: one compiler is enough.
export CC=gcc
of smmuv3 drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-liveupdate.c
changed small "small and unchanged"
says "the SMMUv3 driver" 0 '^driver smmuv3: 8 functions$'
says "the SMMUv3 driver on the project's headers" 0 '^driver smmuv3: 8 functions$' ours -DHOLDFAST_PROFILE_V5
changed 'int arm_smmu_liveupdate_shutdown(' 'static __maybe_unused int shut_down('
says "without a shutdown" 0 "^driver smmuv3: 8 functions, without arm_smmu_liveupdate_shutdown: the suite's own part stands in\$"
changed 'int arm_smmu_preserve_device(' 'int arm_smmu_keep_device('
says "without a function that every version has" 2 "^holdfast: $source: it does not define arm_smmu_preserve_device\(\)\$"
changed 'arm_smmu_make_abort_ste(' 'arm_smmu_make_bypass_ste('
says "a function of the SMMUv3 driver" 2 "^holdfast: $source:[0-9]+: arm_smmu_make_bypass_ste\(\) is not in .*sut/ports/smmuv3/arm-smmu-v3\.h\$"
changed 'master->preserved = true' 'master->ats_enabled = true'
says "a member of the SMMUv3 driver" 2 "^holdfast: $source:[0-9]+: member ats_enabled of struct arm_smmu_master is not in .*sut/ports/smmuv3/arm-smmu-v3\.h\$"
changed 'linux/dma-mapping.h' 'linux/dma-map-ops.h'
says "a header of the kernel" 2 "^holdfast: $source:[0-9]+: linux/dma-map-ops\.h is not in .*sut/kernel/include/linux/dma-map-ops\.h\$"
changed 'return dmam_preserve_coherent_allocation(smmu->dev, cfg->l2' 'return dmam_preserve_allocation_attrs(smmu->dev, cfg->l2'
says "a function of DMA" 2 "^holdfast: $source:[0-9]+: dmam_preserve_allocation_attrs\(\) is not in .*sut/kernel/include/linux/dma-mapping\.h\$"
changed 'rec->smmuv3.num_l2_cdtables = n' 'rec->smmuv3.num_l2_tables = n'
says "a field of a record" 2 "^holdfast: $source:[0-9]+: member num_l2_tables of struct iommu_master_smmuv3_ser is not in .*include/linux/kho/abi/iommu\.h\$"

of vtd drivers/iommu/intel/liveupdate.c
changed small "small and unchanged"
rm -f changed/$source
says "no driver" 2 "^holdfast: changed: no $source; expected"
finish "the probe says what it should"
