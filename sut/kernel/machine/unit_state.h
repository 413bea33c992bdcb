// The part of the machine that only a driver port with hardware has: the units' registers, and the
// environment's knowledge of the driver's objects and pages. The code that moves this state is in
// sut/kernel/units.h.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_UNIT_STATE_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_UNIT_STATE_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>

#include <cstdint>

#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/page_owners.h"

namespace holdfast::kernel {

inline constexpr int kRegisterWords = 32;

// The names under which the hardware knows the attached domains. The environment learns these names
// by walking the tables, never from the port.
struct KnownDomains {
  // the physical address of the domain's top table; 0: no device has been attached yet
  std::uint64_t top[kMaxDomains];
  std::uint64_t id[kMaxIommus][kMaxDomains];  // 0: not attached behind that unit
};

// A stale copy of an entry that a unit may still use (sut/kernel/dma/caches.h).
struct StaleEntry {
  enum class Cache : std::uint8_t { kDevice, kSpace, kTranslation };

  Cache cache;
  std::uint8_t unit;
  std::uint8_t domain;     // of a translation: where its addresses lead
  std::uint32_t id;        // of an entry: the requester id
  std::uint32_t tag;       // the hardware's name for the domain
  std::uint64_t words[8];  // of an entry
};
struct Caches {
  static constexpr int kMaxStale = 24;

  std::uint8_t count;
  StaleEntry stale[kMaxStale];  // the rest is zero
};

// Needs no constructor. All fields survive a kexec, but for those that RestartUnits() resets.
struct Units {
  bool up;  // the driver of this kernel runs
  std::uint64_t registers[kMaxIommus][kRegisterWords];
  std::uint64_t root[kMaxIommus];  // VT-d: RTADDR_REG as the unit latched it
  Caches caches;
  std::uint8_t missing_iommu_ops[kMaxIommus], missing_domain_ops[kMaxDomains];
  // The objects before the driver is up; they hold nothing of a driver.
  struct iommu_device early_iommus[kMaxIommus];
  struct pt_iommu early_domains[kMaxDomains];
  std::uint8_t attached[kMaxDevices];         // in hardware: a domain, or kNone
  std::uint8_t attached_before[kMaxDevices];  // the same in the kernel before
  KnownDomains known, known_before;           // of this kernel, and of the one before
  PageOwners pages;
  // What this kernel's driver has taken over.
  std::uint8_t taken_iommus, taken_domains;
  std::uint8_t adopted[kMaxDevices];
  std::uint16_t refused_devices;  // bits: the driver does not drive that one
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_UNIT_STATE_H_
