// The simulated kernel's state: all that a snapshot must hold, as one plain block at the start of
// the arena.
//
// Nothing here owns memory or needs a constructor; zero bytes are an empty machine. The running
// call is not part of the machine: its exit and its armed fault are in call.h, and no snapshot
// holds them.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_MACHINE_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_MACHINE_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>
#include <linux/liveupdate.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

struct iommu_group {  // opaque to the implementation, as in the kernel
  struct mutex mutex;
  const void* owner;  // of the first claim; nullptr: vfio's
  std::uint8_t owner_cnt;
  std::uint8_t devices;  // how many
};

namespace holdfast::kernel {

// --- the arena -----------------------------------------------------------------------------------
// One region, at one address for the life of the process. First come the machine and the kernel's
// objects. Then comes a table page for every IOMMU, device and domain; only the addresses of these
// pages count, and an access to one traps. Last come the pages that kho_alloc_preserve gives out.

inline constexpr std::size_t kPageSize = 4096;
inline constexpr int kArenaPages = 1024;
inline constexpr int kHeapPages = 32;
inline constexpr int kTablePages = kMaxIommus + kMaxDevices + kMaxDomains;
inline constexpr int kFirstTablePage = kHeapPages;
inline constexpr int kFirstPoolPage = kFirstTablePage + kTablePages;
inline constexpr unsigned char kPoison = 0x6b;

// A set of arena pages.
struct PageSet {
  std::uint64_t words[kArenaPages / 64];

  bool Has(int page) const { return (words[page / 64] >> (page % 64)) & 1; }
  void Add(int page) { words[page / 64] |= 1ull << (page % 64); }
  void Remove(int page) { words[page / 64] &= ~(1ull << (page % 64)); }

  // The pages of the pool that are in the set, lowest first. `visit` may add and remove pages.
  template <typename Visit>
  void ForEachOfPool(Visit visit) const;
};

// --- the objects of the topology -----------------------------------------------------------------

struct DeviceObject {
  struct pci_dev pci;  // a device of another bus uses only pci.dev
  struct pci_bus bus;
  struct dev_iommu data;
  struct iommu_fwspec fwspec;
  struct iommu_group group;  // in use if the group is named by this device
  std::uint8_t index;
  std::uint8_t bus_kind;  // enum Bus
  std::uint8_t attached;  // its domain, or kNone
};

// --- LUO -----------------------------------------------------------------------------------------

struct LuoState {
  Luo stage;
  bool frozen, frozen_flb;
  // one of the FLB's own runs, and LUO's lock is held: the number of the call (CallContext), or 0
  std::uint8_t in_callback;
  std::uint16_t files, frozen_files;
  std::int16_t flb_refs;
  bool present;  // the outgoing FLB
  // of the outgoing FLB, counted from 1; tells whether the FLB is the one of the freeze
  std::uint32_t serial;
  std::uint32_t frozen_serial;
  std::uint64_t frozen_data;
  std::uint32_t objects;  // allocations that its preserve callback left behind
  std::uint64_t data;
  void* obj;
  struct liveupdate_flb* flb;  // registered by the implementation
  struct {
    Incoming::Status status;
    bool lost;
    std::int16_t error;
    std::uint16_t files;
    std::uint32_t objects;
    std::uint64_t data;
    void* obj;
  } incoming;
};

struct Units;

struct Machine {
  // Memory.
  std::uint32_t heap_top;     // bytes of the arena in use by the machine and the objects
  std::uint32_t world_top;    // of these, bytes of the machine and the world
  std::uint32_t heap_live;    // objects allocated and not freed
  std::uint32_t next_page;    // of the pool: the first never given out
  std::uint32_t freed_pages;  // ever
  PageSet allocated;          // of the pool
  PageSet continued;          // belongs to the same allocation as the page before it
  PageSet freed;              // of the pool: given out once, now poison
  PageSet trapped;            // freed, and a live pointer still points into it: access traps
  PageSet preserved;          // KHO's bitmap of what survives the next kexec
  PageSet handed_over;        // what survived the last one and was not freed since
  PageSet restored;           // of these: a page is restored once, and only then given back

  // Locks that are held, innermost last.
  std::uint8_t held_locks;
  std::uint8_t held_spinlocks;
  struct mutex* held[6];

  bool crashed;
  LuoState luo;
  struct liveupdate_file_handler handler;

  // The world; its objects are in the arena, behind the machine.
  std::uint8_t iommu_count, device_count, domain_count;
  std::uint16_t bus_devices[kBusCount];     // bit d: device d is on that bus
  Units* units;                             // nullptr: the driver port has no hardware
  struct iommu_device* iommus[kMaxIommus];  // where the driver keeps them; each knows its index
  DeviceObject* devices[kMaxDevices];
  struct iommu_domain* domains[kMaxDomains];
};

// The machine of this shared object; valid after PowerOn().
extern Machine* g_machine;
inline Machine& machine() { return *g_machine; }
inline std::byte* ArenaBase() { return reinterpret_cast<std::byte*>(g_machine); }

// The page of the arena that contains the address, or -1.
inline int PageOf(const volatile void* address) {
  const std::uintptr_t offset =
      reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(g_machine);
  return offset < kArenaPages * kPageSize ? static_cast<int>(offset / kPageSize) : -1;
}
inline std::byte* PageAddress(int page) { return ArenaBase() + page * kPageSize; }

// Physical memory, as a machine with much memory has it: in banks of 64 pages that are far apart,
// above 4 GiB and in another order than the arena's pages. So an address that lost bits shows. The
// pages of one allocation are in one bank (TakePages).
inline constexpr int kBankPages = 64, kBanks = kArenaPages / kBankPages;
inline constexpr int kBankShift = 38;
inline constexpr std::uint64_t kPhysicalBase = 0x1'0000'0000;
static_assert(kBanks == 16, "5 and 13 are inverse to each other modulo 16");

inline std::uint64_t PhysicalOfPage(int page) {
  const auto bank = static_cast<std::uint64_t>((page / kBankPages * 5 + 3) % kBanks);
  return kPhysicalBase + (bank << kBankShift) +
         static_cast<std::uint64_t>(page % kBankPages) * kPageSize;
}
// The offset in the arena of a physical address; kNoOffset: there is no memory.
inline constexpr std::uint64_t kNoOffset = ~0ull;
inline std::uint64_t OffsetOfPhysical(std::uint64_t physical) {
  const std::uint64_t offset = physical - kPhysicalBase;
  const std::uint64_t bank = offset >> kBankShift;
  const std::uint64_t within = offset & ((1ull << kBankShift) - 1);
  if (bank >= kBanks || within >= kBankPages * kPageSize) return kNoOffset;
  return (bank + kBanks - 3) * 13 % kBanks * (kBankPages * kPageSize) + within;
}
inline int PageOfPhysical(std::uint64_t physical) {
  const std::uint64_t offset = OffsetOfPhysical(physical);
  return offset == kNoOffset ? -1 : static_cast<int>(offset / kPageSize);
}

template <typename Visit>
void PageSet::ForEachOfPool(Visit visit) const {
  static_assert(kFirstPoolPage % 64 == 0);
  for (int word = kFirstPoolPage / 64; word < kArenaPages / 64; ++word) {
    for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1)
      visit(word * 64 + std::countr_zero(bits));
  }
}

inline int IommuTablePage(int iommu) { return kFirstTablePage + iommu; }
inline int DeviceTablePage(int device) { return kFirstTablePage + kMaxIommus + device; }
inline int DomainTablePage(int domain) {
  return kFirstTablePage + kMaxIommus + kMaxDevices + domain;
}

// The names of the objects in the records. Registers are above 4 GiB, and each unit's differ in
// both halves of the address.
inline std::uint64_t TokenOf(int iommu) {
  return 0x12'fed9'0000ull + 0x1'0000'1000ull * static_cast<unsigned>(iommu);
}
inline std::uint64_t AttachmentId(int domain) { return 0x100ull + static_cast<unsigned>(domain); }

inline const DeviceObject& ObjectOf(const struct device* device) {
  const char* start = reinterpret_cast<const char*>(device) - offsetof(DeviceObject, pci.dev);
  return *reinterpret_cast<const DeviceObject*>(start);
}

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_MACHINE_H_
