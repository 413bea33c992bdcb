// What hardware remembers: the caches of a unit, as the driver's invalidations leave them.
//
// A unit may keep any entry that it ever met, for as long as no invalidation takes the entry out.
// It may walk at any moment, asked or not. So each entry of the tables counts as cached from the
// write that makes it valid. While memory still has the entry, the copy does no harm. Only the
// stale copies are kept here: those whose entry in memory is another one by now. A driver without a
// defect leaves none behind, so that these caches cost next to nothing.
//
//   cache          holds                         of               taken out by
//   context-cache  a context entry               a requester id   VT-d 6.5.2.1
//   PASID-cache    a PASID entry                 a requester id   VT-d 6.5.2.2
//   IOTLB          where addresses lead          a domain id      VT-d 6.5.2.3, 6.5.2.4
//
// An entry that is not present, or that is wrong, is not cached: no unit here has Caching Mode
// (VT-d 6.1). The order counts: a translation may be filled once more through a stale entry, up to
// the moment that takes the entry out. So the context-cache goes first, then the PASID-cache, then
// the IOTLB (VT-d 6.5.2).
//
// A finding is a request that a stale entry leads elsewhere than the walk of memory does. The
// device then reaches Reach::kOther, which breaks R13.
//
// What is not modelled:
//   - an IOTLB of single pages. No mapping of a domain changes here, so a cached translation stands
//     for all of a domain's mappings;
//   - caches of tables between a root and a leaf (paging-structure caches);
//   - caches of a device (ATS): no device here has any;
//   - queues in memory, and waits for a command: a unit has done a command when
//     holdfast_queue_command (port.h) returns;
//   - an entry more than kMaxStale at a time: a cache has an end.
#ifndef HOLDFAST_SUT_KERNEL_DMA_CACHES_H_
#define HOLDFAST_SUT_KERNEL_DMA_CACHES_H_

#include <array>
#include <cstdint>
#include <string>

#include "model/topology.h"
#include "sut/hardware/entries.h"
#include "sut/hardware/invalidation.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// The unit does a command of its queue.
void DoQueuedCommand(int unit, const hardware::QueuedCommand& command);

// True if a stale entry leads a request of that id elsewhere than to `walked` (a value of Reach).
// `how` gets the entry and the invalidation that is missing, for a report.
bool IsLedAstray(int unit, std::uint32_t id, std::uint8_t walked, std::string* how = nullptr);

// The entries of all devices in memory, while a driver's code runs: an entry that a write replaces
// is stale from then on.
class EntriesInMemory {
 public:
  // Whether a write to that page, or to a register (-1), may replace an entry. The first call reads
  // all entries, so it comes before the write.
  bool Counts(int page);
  // After such a write.
  void Look();

 private:
  struct OfId {
    hardware::Entries entries;
    std::uint16_t tag;
  };
  static constexpr int kIds = 2;  // of a device, at most

  template <typename Visit>
  void ForEachId(Visit visit);

  bool begun_ = false;
  PageSet pages_;  // that the entries were read from
  std::array<std::array<OfId, kIds>, kMaxDevices> of_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DMA_CACHES_H_
