// What the caller of a command sees, and the driver calls made meanwhile.
//
// An outcome is complete: two sides that agree on every field of it agreed on everything that the
// call did apart from the state that it left. The model fills it in by Step, an implementation by
// running.
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
  SlotRef slot = kNull;     // the record that it was handed; kNull for kVisit
  std::int16_t result = 0;  // 0 or a negative errno; 0 for the void ops

  bool operator==(const DriverCall&) const = default;
};

// What an implementation was caught at while the call ran, by the environment and the port. Never
// set by the model.
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
  kHung,                  // the call did not come back; it was ended as a crash
  // a lookup misses a record that came over, shows a DELETED one, or finds one where nothing came
  // over
  kLookupWrong,
  kPagePreservedTwice,  // a page was preserved that was preserved already
  kPageFreedPreserved,  // a page was freed that was still preserved
  kPageFreedTwice,      // a page was freed, preserved or unpreserved that was no page of anybody's
  kPageRestoredTwice,   // the next kernel restored a page that it had restored
  kPageNotRestored,     // the driver of the next kernel left a page behind that came over
  // an op that failed released what it had preserved in another order than the exact reverse
  kUndoOutOfOrder,
  kFailureIgnored,  // an op was denied something that it asked for, and came back with success
  kLockTakenAgain,  // a lock that the call holds was taken again: it would wait for ever
  kRestoreRefused,  // the driver of the next kernel refused what came over
  // the driver of the next kernel was denied something while it took over, and refused nothing
  kDenialIgnored,
  kDenialDidHarm,         // ... and a device's DMA no longer went where it had gone
  kOtherVersionFollowed,  // the next kernel followed records of another version than its own
  kIncomingKept,          // a lookup of the next kernel kept the reference that it took
};
inline constexpr int kFindingCount = 27;
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
