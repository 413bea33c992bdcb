// What one shared object brings to the environment that the environment cannot know: the implementation's entry points,
// and the records' layout, from the ABI header that the implementation was compiled with.
//
// binding.cc is compiled once for each implementation, beside it and with its options; all else here is compiled once.
#ifndef HOLDFAST_SUT_KERNEL_BINDING_H_
#define HOLDFAST_SUT_KERNEL_BINDING_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>
#include <linux/liveupdate.h>

#include <cstdint>

#include "model/profile.h"

namespace holdfast::kernel {

// Offsets in bytes; sizes are in `sizes`.
struct RecordLayout {
  Layout sizes;
  std::uint32_t deleted_flag, incoming_flag;
  // In every record, and in the header of every page.
  std::uint16_t ref_count, flags, next_array_phys, nr_objects;
  // In the top record.
  std::uint16_t hw_chain, domain_chain, device_chain;
  std::uint16_t hw_token;
  std::uint16_t domain_top_table;
  std::uint16_t device_devid, device_pci_domain_nr, device_attachment_id, device_domain_phys, device_iommu_phys;
  std::int16_t device_token;  // -1: the layout has none
};

struct Binding {
  const char* name;
  const char* profile;
  RecordLayout layout;

  int (*register_flb)(struct liveupdate_file_handler* handler);  // nullptr: built without CONFIG_IOMMU_LIVEUPDATE
  int (*preserve_domain)(struct iommu_domain* domain, struct iommu_domain_ser** ser);
  void (*unpreserve_domain)(struct iommu_domain* domain);
  // Uses the one of the last two that the interface has.
  int (*preserve_device)(struct iommu_domain* domain, struct device* device, u64 token, u64* preserved_state);
  void (*unpreserve_device)(struct iommu_domain* domain, struct device* device);
  void* (*device_state)(struct device* device);
  void* (*iommu_state)(struct iommu_device* iommu);

  // The driver port. The tables without the ops in `missing`, OpBit of each.
  const struct iommu_ops* (*iommu_ops)(std::uint8_t missing);
  const struct pt_iommu_ops* (*pt_ops)(std::uint8_t missing);
};

extern const Binding kBinding;

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_BINDING_H_
