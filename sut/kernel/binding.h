// The part of a shared object that the environment cannot know: the implementation's entry points,
// and the layout of its records. The layout comes from the ABI header that the implementation was
// compiled with.
//
// binding.cc is compiled once for each implementation, beside the implementation and with its
// options. The rest of the environment is compiled once.
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

// Offsets of the fields that a driver writes for its own hardware, as far as they are known.
struct VendorFields {
  // the byte of a domain record whose lowest bit is sign_extend
  std::uint32_t sign_extend = Layout::kNoField;
  std::uint32_t intel_phys_addr = Layout::kNoField, intel_root_table = Layout::kNoField;
  std::uint32_t intel_pasid_table = Layout::kNoField, intel_max_pasid = Layout::kNoField;
  std::uint32_t arm_phys_addr = Layout::kNoField, arm_strtab_base_cfg = Layout::kNoField;
};

// A layout, and the two flags in the u32 at `flags`.
struct RecordLayout : Layout {
  std::uint32_t deleted_flag, incoming_flag;
  VendorFields vendor = {};
};

struct Binding {
  const char* name;
  const char* profile;
  bool profile_is_detected = false;  // Sut
  RecordLayout layout;

  // nullptr: built without CONFIG_IOMMU_LIVEUPDATE
  int (*register_flb)(struct liveupdate_file_handler* handler);
  int (*preserve_domain)(struct iommu_domain* domain, struct iommu_domain_ser** ser);
  void (*unpreserve_domain)(struct iommu_domain* domain);
  // The interface has one of the last two arguments; this call passes that one.
  int (*preserve_device)(struct iommu_domain* domain, struct device* device, u64 token,
                         u64* preserved_state);
  void (*unpreserve_device)(struct iommu_domain* domain, struct device* device);
  void* (*device_state)(struct device* device);
  void* (*iommu_state)(struct iommu_device* iommu);

  // The addresses of the same entry points in the source, for reports; nullptr: reports name no
  // lines.
  const void* (*entry_point)(Verb verb);

  // The lookups of the next kernel: `fn` for each device's record, and the record of the IOMMU with
  // that token and type 1. nullptr: this version has no such call.
  int (*for_each_incoming_device)(int (*fn)(void* record, void* argument), void* argument);
  void* (*incoming_iommu)(u64 token);

  // The restoring side of the next kernel: the probe of a device, which finds the device's record,
  // the restore of the record's domain, and the release of the device. nullptr: this version has no
  // such call, or the suite does not know the call.
  int (*probe_device)(struct device* device);
  struct iommu_domain* (*restore_domain)(struct device* device, struct iommu_device_ser* record,
                                         void** owner);
  void (*release_device)(struct device* device);

  const struct holdfast_port* port;  // the driver
};

extern const Binding kBinding;

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_BINDING_H_
