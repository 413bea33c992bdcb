// The whole system between two calls, as a value. Equal states are agreement.
//
// Step makes the model's State. An implementation's State is decoded from its memory
// (sut/kernel/adapter/observe.h). A State holds no address: pointers and physical addresses are
// slot numbers. So equal behaviour gives equal states, whatever the allocator did.
//
// Invariants of every State that Step makes:
//   1. Without an FLB the three chains are empty, and each pointer is kNull or kStale.
//   2. A pointer >= 0 is a slot number of its chain.
//   3. `damage` and `kho.stray` are empty. Only an implementation's memory can be damaged.
//   4. Array entries of objects that the topology lacks keep their initial values.
#ifndef HOLDFAST_MODEL_STATE_H_
#define HOLDFAST_MODEL_STATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/slot.h"

namespace holdfast {

// A fault of a chain, as the decoder finds it (rule R7).
enum class Damage : std::uint8_t {
  kBadPage,      // next_array_phys is not the address of a page
  kCycle,        // the chain returns to a visited page
  kOverfull,     // nr_objects is above the page's capacity
  kUnpreserved,  // a page of the chain is not preserved: it dies at kexec
  kGap,          // a page before the last one is not full
};
constexpr std::uint8_t DamageBit(Damage damage) {
  return static_cast<std::uint8_t>(1u << static_cast<int>(damage));
}

// The file-lifecycle-bound object: the top record and its three chains.
struct Flb {
  bool present = false;
  std::uint8_t damage = 0;  // DamageBit of each
  std::vector<HwSlot> iommus;
  std::vector<DomainSlot> domains;
  std::vector<DeviceSlot> devices;

  bool operator==(const Flb& other) const {
    return present == other.present && damage == other.damage && SameChain(iommus, other.iommus) &&
           SameChain(domains, other.domains) && SameChain(devices, other.devices);
  }
  void Clear() {
    present = false;
    damage = 0;
    iommus.clear();
    domains.clear();
    devices.clear();
  }
};

// Null pointers. A copy of this array takes a few instructions, a fill takes a loop.
template <std::size_t kSize>
inline constexpr std::array<SlotRef, kSize> kAllNull = [] {
  std::array<SlotRef, kSize> pointers{};
  pointers.fill(kNull);
  return pointers;
}();

// Which pages are preserved with KHO (kexec handover), by owner. The FLB's own pages need no field.
// A reachable page of the FLB is preserved, or the chain has Damage::kUnpreserved. A preserved page
// without an owner is stray.
struct KhoPages {
  std::uint8_t iommus = 0;    // bit i: the table page of IOMMU i
  std::uint8_t domains = 0;   // bit i: the top page table of domain i
  std::uint16_t devices = 0;  // bit i: the table page of device i
  std::uint16_t stray = 0;    // number of pages

  bool operator==(const KhoPages&) const = default;
};

// What the previous kernel handed over to this kernel.
struct Incoming {
  enum class Status : std::uint8_t {
    kNone,        // nothing was handed over: retrieve returns -ENODATA
    kHandedOver,  // handed over, not retrieved yet
    kRetrieved,
    kFailed,  // retrieve failed; sticky on LUO stage C
    kFinished,
  };
  Status status = Status::kNone;
  // the FLB was unpreserved after the freeze: its pages are gone, and retrieve is fatal
  bool lost = false;
  std::int16_t error = 0;   // kFailed: what retrieve returned
  std::uint16_t files = 0;  // dependent files not yet finished
  Flb flb;                  // the records, deleted records too

  bool operator==(const Incoming&) const = default;
};

// What the running kernel holds outside of the records: the session, the owners, the attachments,
// the pointers to records, and the set of preserved pages. It has no hole, because it is compared
// after every command.
struct KernelState {
  bool crashed = false;  // a CRASH ends the scenario: every later command is a CRASH too
  bool frozen = false;
  bool frozen_flb = false;  // an FLB was there at the freeze and will be handed over
  std::uint8_t padding = 0;
  std::uint16_t files = 0;  // dependent files that are preserved, as the session counts them
  std::uint16_t frozen_files = 0;
  // LUO's count on the FLB: the files, and on stage C the references that nobody has put
  std::int16_t flb_refs = 0;
  // by group (its lowest device): group->owner_cnt
  std::array<std::uint8_t, kMaxDevices> owner_claims{};
  std::array<std::uint8_t, kMaxDevices> attached{};    // by device: its domain, or kNone
  std::array<SlotRef, kMaxDomains> preserved_state{};  // domain->preserved_state
  // dev->iommu->device_ser is two fields here, and at most one of them is set: a record of this
  // kernel (dev_iommu_preserved_state), or a record of the kernel before
  // (dev_iommu_restored_state), by its place in `incoming`
  std::array<SlotRef, kMaxDevices> device_ser{};
  std::array<SlotRef, kMaxDevices> restored_ser{};
  // iommu_device->outgoing_preserved_state
  std::array<SlotRef, kMaxIommus> outgoing_preserved_state{};
  KhoPages kho;

  bool operator==(const KernelState& other) const { return SameBytes(*this, other); }
};

struct State : KernelState {
  Flb flb;
  Incoming incoming;

  bool operator==(const State&) const = default;
};

// The state at the start of a scenario. vfio has claimed the DMA owner of every group once, and has
// attached every device to dom0, if there is a dom0. Nothing is preserved. So a trace need not
// repeat the first steps of every caller.
State InitialState(const Topology& topology);

// The answers of the seed's two queries for every object, after every command (R16).
struct Queries {
  std::array<SlotRef, kMaxDevices> device{};  // dev_iommu_preserved_state(dev)
  std::array<SlotRef, kMaxIommus> iommu{};    // iommu_preserved_state(iommu)

  bool operator==(const Queries& other) const { return SameBytes(*this, other); }
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_STATE_H_
