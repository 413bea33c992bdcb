// What one shared object brings to the environment that the environment cannot know: the
// implementation's entry points, and the records' layout, from the ABI header that the
// implementation was compiled with.
//
// binding.cc is compiled once for each implementation, beside it and with its options; all else
// here is compiled once.
#ifndef HOLDFAST_SUT_KERNEL_BINDING_H_
#define HOLDFAST_SUT_KERNEL_BINDING_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>
#include <linux/liveupdate.h>

#include <cstdint>

#include "model/command.h"
#include "model/layout.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {

// What the decoder needs of a layout, made of one by DecodedBy.
struct RecordLayout {
  Layout sizes;
  std::uint32_t deleted_flag, incoming_flag;  // in the u32 at `flags`
  // In every record, and in the header of every page.
  std::uint16_t ref_count, flags, next_array_phys, nr_objects;
  // In the top record.
  std::uint16_t hw_chain, domain_chain, device_chain;
  std::uint16_t hw_token;
  std::uint16_t domain_top_table;
  std::uint16_t device_devid, device_pci_domain_nr, device_attachment_id, device_domain_phys,
      device_iommu_phys;
  std::int16_t device_token;  // -1: the layout has none
};

constexpr RecordLayout DecodedBy(const Layout& layout, std::uint32_t deleted_flag,
                                 std::uint32_t incoming_flag) {
  const auto narrow = [](std::uint32_t offset) { return static_cast<std::uint16_t>(offset); };
  return {.sizes = layout,
          .deleted_flag = deleted_flag,
          .incoming_flag = incoming_flag,
          .ref_count = narrow(layout.ref_count),
          .flags = narrow(layout.flags),
          .next_array_phys = narrow(layout.next_array_phys),
          .nr_objects = narrow(layout.nr_objects),
          .hw_chain = narrow(layout.hw_chain),
          .domain_chain = narrow(layout.domain_chain),
          .device_chain = narrow(layout.device_chain),
          .hw_token = narrow(layout.hw_token),
          .domain_top_table = narrow(layout.domain_top_table),
          .device_devid = narrow(layout.device_devid),
          .device_pci_domain_nr = narrow(layout.device_pci_domain_nr),
          .device_attachment_id = narrow(layout.device_attachment_id),
          .device_domain_phys = narrow(layout.device_domain_phys),
          .device_iommu_phys = narrow(layout.device_iommu_phys),
          .device_token = layout.device_token == Layout::kNoField
                              ? std::int16_t{-1}
                              : static_cast<std::int16_t>(layout.device_token)};
}

struct Binding {
  const char* name;
  const char* profile;
  bool profile_is_detected = false;  // Sut
  RecordLayout layout;

  // nullptr: built without CONFIG_IOMMU_LIVEUPDATE
  int (*register_flb)(struct liveupdate_file_handler* handler);
  int (*preserve_domain)(struct iommu_domain* domain, struct iommu_domain_ser** ser);
  void (*unpreserve_domain)(struct iommu_domain* domain);
  // Uses the one of the last two that the interface has.
  int (*preserve_device)(struct iommu_domain* domain, struct device* device, u64 token,
                         u64* preserved_state);
  void (*unpreserve_device)(struct iommu_domain* domain, struct device* device);
  void* (*device_state)(struct device* device);
  void* (*iommu_state)(struct iommu_device* iommu);

  // The same entry points where they stand in the source, for reports; nullptr: reports name no
  // lines.
  const void* (*entry_point)(Verb verb);

  // How the next kernel finds what came over: `fn` for each device's record, and the record of the
  // IOMMU with that token and type 1. nullptr: this version has no such call.
  int (*for_each_incoming_device)(int (*fn)(void* record, void* argument), void* argument);
  void* (*incoming_iommu)(u64 token);

  const struct holdfast_port* port;  // the driver
};

extern const Binding kBinding;

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_BINDING_H_
