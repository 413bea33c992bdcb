#include "sut/kernel/binding.h"

#include <linux/iommu-liveupdate.h>

#include "model/layout_fields.h"
#include "sut/kernel/name.h"

#ifdef CONFIG_IOMMU_LIVEUPDATE
// NULL where an implementation lacks the restoring side.
extern "C" {
#pragma weak iommu_init_device_preserved_data
#pragma weak iommu_restore_domain
#pragma weak iommu_release_restored_device
}
#define OF_RESTORING(call) call
#else
#define OF_RESTORING(call) nullptr
#endif

namespace holdfast::kernel {
namespace {

int PreserveDevice(struct iommu_domain* domain, struct device* device, u64 token,
                   u64* preserved_state) {
#ifdef HOLDFAST_PROFILE_V5
  (void)preserved_state;
  return iommu_preserve_device(domain, device, token);
#else
  (void)token;
  return iommu_preserve_device(domain, device, preserved_state);
#endif
}

constexpr Layout LayoutOfRecords() {
  Layout layout = {.page = PAGE_SIZE};
#define SIZE(member, record) layout.member = sizeof(struct record);
#define FIELD(member, record, field) layout.member = offsetof(struct record, field);
  HOLDFAST_LAYOUT_SIZES(SIZE)
  HOLDFAST_LAYOUT_FIELDS(FIELD)
#undef SIZE
#undef FIELD
  layout.flags = offsetof(struct iommu_hdr_ser, flags);
#ifdef HOLDFAST_PROFILE_V5
  layout.device_token = offsetof(struct iommu_device_ser, dma_owner_token);
  layout.version = offsetof(struct iommu_flb_ser, version);
#endif
  return layout;
}

constexpr VendorFields VendorFieldsOfRecords() {
  VendorFields fields;
  fields.sign_extend = offsetof(struct iommu_domain_ser, vasz) + sizeof(iommu_domain_ser::vasz);
  fields.intel_phys_addr = offsetof(struct iommu_hw_ser, intel.phys_addr);
  fields.intel_root_table = offsetof(struct iommu_hw_ser, intel.root_table);
  fields.intel_pasid_table = offsetof(struct iommu_device_ser, intel.pasid_table);
  fields.intel_max_pasid = offsetof(struct iommu_device_ser, intel.max_pasid);
#ifdef HOLDFAST_PROFILE_V5
  fields.arm_phys_addr = offsetof(struct iommu_hw_ser, smmuv3.phys_addr);
  fields.arm_strtab_base_cfg = offsetof(struct iommu_hw_ser, smmuv3.strtab_base_cfg);
#endif
  return fields;
}

}  // namespace

const Binding kBinding = {
    .name = holdfast_sut_name,
    .profile = HOLDFAST_SUT_PROFILE,
    .layout = {LayoutOfRecords(), IOMMU_SER_FLAG_DELETED, IOMMU_SER_FLAG_INCOMING,
               VendorFieldsOfRecords()},
#ifdef CONFIG_IOMMU_LIVEUPDATE
    .register_flb = iommu_liveupdate_register_flb,
#else
    .register_flb = nullptr,
#endif
    .preserve_domain = iommu_preserve_domain,
    .unpreserve_domain = iommu_unpreserve_domain,
    .preserve_device = PreserveDevice,
    .unpreserve_device = iommu_unpreserve_device,
    .device_state = dev_iommu_preserved_state,
    .iommu_state = iommu_preserved_state,
    .entry_point = nullptr,
    .for_each_incoming_device = nullptr,
    .incoming_iommu = nullptr,
    .probe_device = OF_RESTORING(iommu_init_device_preserved_data),
    .restore_domain = OF_RESTORING(iommu_restore_domain),
    .release_device = OF_RESTORING(iommu_release_restored_device),
    .port = &holdfast_port,
};

}  // namespace holdfast::kernel
