// The owners of the pages of a driver's tables: the object that a page was allocated for, and the
// object that preserved the page.
//
// KHO's tracker is a bitmap and does not count. So a page is safe only if exactly one owner
// preserves the page and releases it once. The environment knows the object for which it called the
// driver. The pages that the call allocates, restores or preserves belong to that object. From
// these owners, and from the pages that the hardware reads (reach.h), follows which pages must be
// preserved and which are stray.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_PAGE_OWNERS_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_PAGE_OWNERS_H_

#include <cstdint>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// An object of the topology in a byte; 0 for none.
using Owner = std::uint8_t;
inline constexpr Owner kIommuOwner = 0x20, kDeviceOwner = 0x40, kDomainOwner = 0x80;
constexpr Owner OwnerOfIommu(int index) { return static_cast<Owner>(kIommuOwner + index); }
constexpr Owner OwnerOfDevice(int index) { return static_cast<Owner>(kDeviceOwner + index); }
constexpr Owner OwnerOfDomain(int index) { return static_cast<Owner>(kDomainOwner + index); }

struct PageOwners {
  Owner allocated_for[kArenaPages];
  Owner preserved_by[kArenaPages];  // the object of the op
  // allocated by kho_alloc_preserve in an op: no table, but a page that a record points at
  PageSet of_kho;
};

// While a CalledFor lives, the driver is called for `owner`. The command's fault is not armed for
// that call.
class CalledFor {
 public:
  explicit CalledFor(Owner owner) : site_(g_call->site) {
    g_call->owner = owner;
    g_call->site = FaultSite::kNone;
  }
  ~CalledFor() {
    g_call->owner = 0;
    g_call->site = site_;
  }
  CalledFor(const CalledFor&) = delete;

 private:
  FaultSite site_;
};

// A page of the pool was allocated: records the owner.
void NoteAllocated(int page);
// A page of the pool was preserved, or was released: records the owner, and the page for the op
// that is running.
void NotePreserved(int page);
void NoteReleased(int page);
// The next kernel took the page over, or the page was freed.
void NoteRestored(int page);
void NoteFreed(int page);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_PAGE_OWNERS_H_
