#include "sut/kernel/binding.h"

#include <linux/iommu-liveupdate.h>

#include "sut/kernel/adapter.h"
#include "sut/module.h"
#include "sut/ports/bookkeeping.h"

namespace holdfast::kernel {
namespace {

int PreserveDevice(struct iommu_domain* domain, struct device* device, u64 token, u64* preserved_state) {
#ifdef HOLDFAST_PROFILE_V5
  (void)preserved_state;
  return iommu_preserve_device(domain, device, token);
#else
  (void)token;
  return iommu_preserve_device(domain, device, preserved_state);
#endif
}

#define OFFSET(record, field) static_cast<std::uint16_t>(offsetof(struct record, field))

}  // namespace

const Binding kBinding = {
    .name = HOLDFAST_SUT_NAME,
    .profile = HOLDFAST_SUT_PROFILE,
    .layout =
        {
            .sizes = {.page = PAGE_SIZE,
                      .array_header = sizeof(struct iommu_array_hdr_ser),
                      .hw = sizeof(struct iommu_hw_ser),
                      .domain = sizeof(struct iommu_domain_ser),
                      .device = sizeof(struct iommu_device_ser),
                      .flb = sizeof(struct iommu_flb_ser)},
            .deleted_flag = IOMMU_SER_FLAG_DELETED,
            .incoming_flag = IOMMU_SER_FLAG_INCOMING,
            .ref_count = OFFSET(iommu_hdr_ser, ref_count),
            .flags = OFFSET(iommu_hdr_ser, flags),
            .next_array_phys = OFFSET(iommu_array_hdr_ser, next_array_phys),
            .nr_objects = OFFSET(iommu_array_hdr_ser, nr_objects),
            .hw_chain = OFFSET(iommu_flb_ser, iommu_array_phys),
            .domain_chain = OFFSET(iommu_flb_ser, iommu_domain_array_phys),
            .device_chain = OFFSET(iommu_flb_ser, device_array_phys),
            .hw_token = OFFSET(iommu_hw_ser, token),
            .domain_top_table = OFFSET(iommu_domain_ser, top_table_phys),
            .device_devid = OFFSET(iommu_device_ser, devid),
            .device_pci_domain_nr = OFFSET(iommu_device_ser, pci_domain_nr),
            .device_attachment_id = OFFSET(iommu_device_ser, domain_iommu_ser.attachment_id),
            .device_domain_phys = OFFSET(iommu_device_ser, domain_iommu_ser.domain_phys),
            .device_iommu_phys = OFFSET(iommu_device_ser, domain_iommu_ser.iommu_phys),
#ifdef HOLDFAST_PROFILE_V5
            .device_token = OFFSET(iommu_device_ser, dma_owner_token),
#else
            .device_token = -1,
#endif
        },
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
    .iommu_ops = bookkeeping::IommuOps,
    .pt_ops = bookkeeping::PtOps,
};

}  // namespace holdfast::kernel

extern "C" __attribute__((visibility("default"))) const holdfast::SutEntry* holdfast_sut_entry() {
  static const holdfast::SutEntry entry = {.make = holdfast::kernel::MakeKernelSut};
  return &entry;
}
