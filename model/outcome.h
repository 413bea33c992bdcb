// What the caller of a command sees, and the driver calls made during the command.
//
// An outcome is complete. Two sides with equal outcomes and equal states did the same. The model
// fills in an outcome by Step, an implementation by running.
#ifndef HOLDFAST_MODEL_OUTCOME_H_
#define HOLDFAST_MODEL_OUTCOME_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/command.h"
#include "model/slot.h"

namespace holdfast {

// One call of a driver op, in order.
struct DriverCall {
  Op op = Op::kVisit;
  std::uint8_t object = 0;  // index of the IOMMU, device or domain that the op was called for
  SlotRef slot = kNull;     // the record passed to the op; kNull for kVisit
  std::int16_t result = 0;  // 0 or a negative errno; 0 for the void ops

  bool operator==(const DriverCall&) const = default;
};

// A mistake that the environment or the port saw while the call ran. The model never sets one.
enum class Finding : std::uint8_t {
  kOpWithoutLock,  // a driver op ran without flb.lock
  kLockLeaked,     // a lock was still held when the call returned
  kLockOrder,      // the group's lock was taken under flb.lock, or an unlock without the lock
  kSleepInAtomic,  // a sleeping call under a spinlock
  kOpReentered,    // a driver op called back into the core
  // a preserve op was handed a slot that is not zeroed with ref_count 1, or not filled in
  kDirtySlot,
  kPublishedEarly,        // iommu_ops::preserve ran with the outgoing pointer already set
  kWithdrawnLate,         // iommu_ops::unpreserve ran with the outgoing pointer still set
  kSlotNotDeleted,        // iommu_ops::unpreserve_device ran before the slot was marked DELETED
  kPageUnpreservedTwice,  // a page was unpreserved that was not preserved
  kMemoryLeaked,          // an object of the FLB was not freed
  kOutParamOnFailure,     // a call that failed wrote its out-parameter
  kHung,                  // the call did not return; it was ended as a crash
  // a lookup missed a record that came over, showed a DELETED record, or found one that never came
  kLookupWrong,
  kPagePreservedTwice,  // a page was preserved that was preserved already
  kPageFreedPreserved,  // a page was freed that was still preserved
  kPageFreedTwice,      // a page without an owner was freed, preserved or unpreserved
  kPageRestoredTwice,   // the next kernel restored a page that it had restored
  kPageNotRestored,     // the driver of the next kernel left a page behind that came over
  // a failing op released its pages in another order than the exact reverse
  kUndoOutOfOrder,
  kFailureIgnored,  // an op returned success although one of its requests was denied
  kLockTakenAgain,  // the call took a lock that it holds: it would wait for ever
  kRestoreRefused,  // the driver of the next kernel refused the records that came over
  // the driver of the next kernel had a request denied during the take-over, and refused nothing
  kDenialIgnored,
  kDenialDidHarm,         // the same, and a device's DMA went elsewhere afterwards
  kOtherVersionFollowed,  // the next kernel followed records of a version that is not its own
  kIncomingKept,          // a lookup of the next kernel kept its reference
  kDmaDisturbed,          // in the middle of a call, a preserved device's DMA went elsewhere
  kRecordUntrue,          // a record that is handed over says other than the tables and registers
};
inline constexpr int kFindingCount = 29;
using FindingSet = std::uint32_t;
constexpr FindingSet FindingBit(Finding finding) { return 1u << static_cast<int>(finding); }

struct Outcome {
  enum class Kind : std::uint8_t { kReturned, kVoid, kCrashed };

  Kind kind = Kind::kVoid;
  bool warned = false;       // a WARN fired
  bool fault_fired = false;  // the command's fault was reached
  std::int16_t error = 0;    // kReturned: 0 or a negative errno
  // the record that the out-parameter names; kNull: not written (or the call has none)
  SlotRef out = kNull;
  FindingSet findings = 0;  // FindingBit of each
  std::uint8_t call_count = 0;
  std::array<DriverCall, kMaxDevices + 4> calls;  // the first call_count count

  bool crashed() const { return kind == Kind::kCrashed; }
  bool failed() const { return kind == Kind::kReturned && error != 0; }

  void AddCall(const DriverCall& call) {
    if (call_count < calls.size()) calls[call_count++] = call;
  }

  bool operator==(const Outcome& other) const {
    return kind == other.kind && warned == other.warned && fault_fired == other.fault_fired &&
           error == other.error && out == other.out && findings == other.findings &&
           call_count == other.call_count &&
           std::equal(calls.begin(), calls.begin() + call_count, other.calls.begin());
  }
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_OUTCOME_H_
