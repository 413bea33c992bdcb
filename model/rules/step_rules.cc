// The rules over one step: the changes that a command may make, and the calls that the driver must
// get meanwhile.
#include <algorithm>
#include <array>
#include <cstddef>

#include "model/rules/contract.h"
#include "model/rules/handover_rules.h"
#include "model/rules/live_slot.h"
#include "model/rules/rules.h"

namespace holdfast {
namespace {

// --- R5 ------------------------------------------------------------------------------------------

template <typename Slot>
bool OnlyDeletedAppended(const std::vector<Slot>& before, const std::vector<Slot>& after) {
  return before.size() <= after.size() && SameSlots(before, after, before.size()) &&
         std::all_of(after.begin() + static_cast<std::ptrdiff_t>(before.size()), after.end(),
                     [](const Slot& slot) { return slot.deleted; });
}

// A retrieve that fails may change the status. A finish and a look-up retrieve the FLB if nobody
// has.
bool SameIncoming(const Transition& t) {
  if (!MayRetrieve(t.command.verb)) return t.before.incoming == t.after.incoming;
  const Incoming& before = t.before.incoming;
  const Incoming& after = t.after.incoming;
  return (after.status == before.status || after.status == Incoming::Status::kFailed) &&
         before.lost == after.lost && before.files == after.files && before.flb == after.flb;
}

// The whole state, apart from spent slots and LUO's count. The count belongs to R11.
bool Unchanged(const Transition& t) {
  const State& before = t.before;
  const State& after = t.after;
  KernelState allowed = before;
  allowed.crashed = after.crashed;
  allowed.flb_refs = after.flb_refs;
  return allowed == after && before.flb.present == after.flb.present &&
         OnlyDeletedAppended(before.flb.iommus, after.flb.iommus) &&
         OnlyDeletedAppended(before.flb.domains, after.flb.domains) &&
         OnlyDeletedAppended(before.flb.devices, after.flb.devices) && SameIncoming(t);
}

bool Failed(const Outcome& outcome) {
  return outcome.failed() || (outcome.kind == Outcome::Kind::kVoid && outcome.warned);
}

// --- R7 ------------------------------------------------------------------------------------------

// A live slot keeps all fields but its count.
bool SameRecord(const HwSlot& a, const HwSlot& b) {
  return a.iommu == b.iommu && a.incoming == b.incoming;
}
bool SameRecord(const DomainSlot& a, const DomainSlot& b) {
  return a.domain == b.domain && a.incoming == b.incoming;
}
bool SameRecord(const DeviceSlot& a, const DeviceSlot& b) {
  return a.device == b.device && a.incoming == b.incoming && a.attachment == b.attachment &&
         a.domain == b.domain && a.hw == b.hw && a.dma_owner_token == b.dma_owner_token;
}

template <typename Slot>
bool OnlyGrows(const std::vector<Slot>& before, const std::vector<Slot>& after) {
  if (after.size() < before.size()) return false;
  if (SameSlots(before, after, before.size())) return true;  // the usual case
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (after[i].deleted ? false : before[i].deleted || !SameRecord(before[i], after[i]))
      return false;
  }
  return true;
}

bool OnlyGrows(const Flb& before, const Flb& after) {
  return OnlyGrows(before.iommus, after.iommus) && OnlyGrows(before.domains, after.domains) &&
         OnlyGrows(before.devices, after.devices);
}

// --- R16 -----------------------------------------------------------------------------------------

bool VisitsNothing(const Outcome& outcome) {
  return std::none_of(outcome.calls.begin(), outcome.calls.begin() + outcome.call_count,
                      [](const DriverCall& call) { return call.op == Op::kVisit; });
}

// The device at which the callback says stop: the N-th one behind the IOMMU, by bus and index.
std::size_t StopOf(const std::vector<Device>& devices, const Command& command) {
  int left = command.stop;
  for (int bus = 0; bus < kBusCount; ++bus) {
    for (std::size_t i = 0; i < devices.size(); ++i) {
      const Device& device = devices[i];
      if (static_cast<int>(device.bus) != bus || !device.probed || device.iommu != command.iommu)
        continue;
      if (--left == 0) return i;
    }
  }
  return devices.size();
}

// A walk is right if it goes strictly upwards by device in each bus and visits only the proper
// devices. The buses come in any order. The walk may leave out a device only because of the
// callback's stop. The stop ends the bus of the device where it came, and no other bus.
bool VisitsTheDevicesBehind(const Transition& t) {
  const std::vector<Device>& devices = t.topology.devices;
  const Command& command = t.command;
  const std::size_t last = StopOf(devices, command);
  std::uint32_t visited = 0;
  std::array<const DriverCall*, kBusCount> previous{};
  const DriverCall* stop = nullptr;  // the visit at which the callback said stop
  for (int i = 0; i < t.outcome.call_count; ++i) {
    const DriverCall& call = t.outcome.calls[static_cast<std::size_t>(i)];
    if (call.op != Op::kVisit || call.object >= devices.size()) return false;
    const Device& device = devices[call.object];
    if (!device.probed || device.iommu != command.iommu) return false;
    const DriverCall*& before = previous[static_cast<std::size_t>(device.bus)];
    if (before && call.object <= before->object) return false;
    if (stop && devices[stop->object].bus == device.bus) return false;
    if (call.object == last) stop = &call;
    visited |= 1u << call.object;
    before = &call;
  }
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Device& device = devices[i];
    if (!device.probed || device.iommu != command.iommu || (visited >> i & 1u)) continue;
    if (!stop || devices[stop->object].bus != device.bus || i < stop->object) return false;
  }
  return true;
}

// --- R15 -----------------------------------------------------------------------------------------

bool WarnIsTheReport(const Transition& t) {
  switch (t.command.verb) {
    // The environment complains to a caller who gives back more than the caller has. No code under
    // test ran.
    case Verb::kUnpreserveFile: return t.before.files == 0;
    case Verb::kReleaseDmaOwner: return true;
    case Verb::kUnpreserveDevice:
    case Verb::kUnpreserveDomain: return t.outcome.fault_fired;
    case Verb::kFinish:  // also of a retrieve that failed before, where the failure is kept
      return t.outcome.fault_fired || t.before.incoming.status == Incoming::Status::kFailed ||
             t.before.incoming.files == 0;
    default: return false;
  }
}

bool CrashIsTheReport(const Transition& t) {
  // A version may stop the machine if the restoring side is denied the records.
  if (IsOfRestoring(t.command.verb))
    return t.outcome.fault_fired || t.before.incoming.status == Incoming::Status::kFailed;
  return t.outcome.fault_fired && t.command.fault.site == FaultSite::kKhoRestore;
}

// --- R6 ------------------------------------------------------------------------------------------

// A preserve op gets a slot that was not there before the call. An unpreserve op gets the slot of
// its object's preserve op. That slot is live, unless the same call made it.
template <typename Slot>
bool IsNew(const std::vector<Slot>& before, SlotRef slot) {
  return slot >= 0 && static_cast<std::size_t>(slot) >= before.size();
}
bool IsRecordOf(const std::vector<HwSlot>& before, SlotRef ref, std::uint8_t iommu) {
  const HwSlot* slot = LiveSlot(before, ref);
  return slot ? slot->iommu == iommu : IsNew(before, ref);
}
bool IsRecordOf(const std::vector<DomainSlot>& before, SlotRef ref, std::uint8_t domain) {
  const DomainSlot* slot = LiveSlot(before, ref);
  return slot ? slot->domain == domain : IsNew(before, ref);
}
bool IsRecordOf(const std::vector<DeviceSlot>& before, SlotRef ref, std::uint8_t device) {
  const DeviceSlot* slot = LiveSlot(before, ref);
  return slot ? slot->device == device : IsNew(before, ref);
}

// How often `op` succeeded for `object` in the call.
std::int64_t Successes(const Outcome& outcome, Op op, std::uint8_t object) {
  return std::count_if(outcome.calls.begin(), outcome.calls.begin() + outcome.call_count,
                       [&](const DriverCall& call) {
                         return call.op == op && call.object == object && call.result == 0;
                       });
}

// The conclusions that the caller may draw from the result of the call, without the records. A
// preserve that returned 0 preserved once. An unpreserve did its work if the caller was right to
// ask for it, or if it did not warn.
RuleCheck CheckPromise(const Transition& t) {
  constexpr RuleCheck kKept = {.checked = RuleBit(Rule::kPaired), .broken = 0};
  constexpr RuleCheck kBroken = {.checked = RuleBit(Rule::kPaired),
                                 .broken = RuleBit(Rule::kPaired)};
  const Command& command = t.command;
  const bool returned_0 = t.outcome.kind == Outcome::Kind::kReturned && t.outcome.error == 0;
  const auto once = [&](Op op, std::uint8_t object) {
    return Successes(t.outcome, op, object) == 1 ? kKept : kBroken;
  };
  const auto was_right = [&] {
    return !t.outcome.fault_fired && BreachesOf(t.topology, t.before, command) == 0;
  };
  // The device is preserved, and the call returns without a WARN: docs/spec/defects.md D12.
  const auto said_nothing = [&] {
    return t.outcome.kind == Outcome::Kind::kVoid && !t.outcome.warned &&
           LiveSlot(t.before.flb.devices, t.before.device_ser[command.device]) != nullptr;
  };
  switch (command.verb) {
    case Verb::kPreserveDevice:
      return returned_0 ? once(Op::kIommuPreserveDevice, command.device) : RuleCheck();
    case Verb::kPreserveDomain:
      return returned_0 ? once(Op::kPtPreserve, command.domain) : RuleCheck();
    case Verb::kUnpreserveDevice:
      return was_right() || said_nothing() ? once(Op::kIommuUnpreserveDevice, command.device)
                                           : RuleCheck();
    case Verb::kUnpreserveDomain:
      return was_right() ? once(Op::kPtUnpreserve, command.domain) : RuleCheck();
    default: return {};
  }
}

// --- Findings ------------------------------------------------------------------------------------

// The rule that each finding breaks, in the order of enum Finding.
constexpr Rule kRuleOf[kFindingCount] = {
    Rule::kLocks,       // kOpWithoutLock
    Rule::kLocks,       // kLockLeaked
    Rule::kLocks,       // kLockOrder
    Rule::kLocks,       // kSleepInAtomic
    Rule::kLocks,       // kOpReentered
    Rule::kPaired,      // kDirtySlot
    Rule::kHeld,        // kPublishedEarly
    Rule::kHeld,        // kWithdrawnLate
    Rule::kPaired,      // kSlotNotDeleted
    Rule::kPages,       // kPageUnpreservedTwice
    Rule::kPages,       // kMemoryLeaked
    Rule::kAtomic,      // kOutParamOnFailure
    Rule::kQuiet,       // kHung
    Rule::kHandover,    // kLookupWrong
    Rule::kPages,       // kPagePreservedTwice
    Rule::kPages,       // kPageFreedPreserved
    Rule::kPages,       // kPageFreedTwice
    Rule::kHandover,    // kPageRestoredTwice
    Rule::kHandover,    // kPageNotRestored
    Rule::kPages,       // kUndoOutOfOrder
    Rule::kAtomic,      // kFailureIgnored
    Rule::kLocks,       // kLockTakenAgain
    Rule::kHandover,    // kRestoreRefused
    Rule::kHandover,    // kDenialIgnored
    Rule::kContinuity,  // kDenialDidHarm
    Rule::kHandover,    // kOtherVersionFollowed
    Rule::kBalanced,    // kIncomingKept
    Rule::kContinuity,  // kDmaDisturbed
    Rule::kHandover,    // kRecordUntrue
};

// A crash cuts a call short, so memory that the call still held is no leak.
constexpr FindingSet kLeaks = FindingBit(Finding::kLockLeaked) | FindingBit(Finding::kMemoryLeaked);

RuleSet BrokenBy(FindingSet findings) {
  RuleSet broken = 0;
  for (int i = 0; i < kFindingCount; ++i) {
    if (findings >> i & 1) broken |= RuleBit(kRuleOf[i]);
  }
  return broken;
}

}  // namespace

bool Ledger::EnterCall(const Transition& t, const DriverCall& call) {
  const std::vector<Device>& devices = t.topology.devices;
  const Flb& before = t.before.flb;
  const bool succeeded = call.result == 0;
  switch (call.op) {
    case Op::kIommuPreserve: {
      if (call.object >= t.topology.iommus.size()) return false;
      const bool first = iommus_[call.object] == 0;
      iommus_[call.object] += succeeded;
      return first && IsNew(before.iommus, call.slot);
    }
    case Op::kIommuUnpreserve: {
      if (call.object >= t.topology.iommus.size()) return false;
      bool in_use = false;
      for (std::size_t i = 0; i < devices.size(); ++i)
        in_use |= devices[i].iommu == call.object && devices_[i] > 0;
      return --iommus_[call.object] >= 0 && !in_use &&
             IsRecordOf(before.iommus, call.slot, call.object);
    }
    case Op::kIommuPreserveDevice:
      if (call.object >= devices.size()) return false;
      devices_[call.object] += succeeded;
      return iommus_[devices[call.object].iommu] > 0 && IsNew(before.devices, call.slot);
    case Op::kIommuUnpreserveDevice:
      if (call.object >= devices.size()) return false;
      return --devices_[call.object] >= 0 && IsRecordOf(before.devices, call.slot, call.object);
    case Op::kPtPreserve:
      if (call.object >= t.topology.domains.size()) return false;
      domains_[call.object] += succeeded;
      return IsNew(before.domains, call.slot);
    case Op::kPtUnpreserve:
      if (call.object >= t.topology.domains.size()) return false;
      return --domains_[call.object] >= 0 && IsRecordOf(before.domains, call.slot, call.object);
    case Op::kVisit: return true;      // R16's
    case Op::kPtRestore: return true;  // R12's
  }
  return false;
}

Ledger Ledger::AsRecorded(const Flb& flb) {
  Ledger records;
  for (const HwSlot& slot : flb.iommus) {
    if (!slot.deleted && slot.iommu < kMaxIommus) ++records.iommus_[slot.iommu];
  }
  for (const DomainSlot& slot : flb.domains) {
    if (!slot.deleted && slot.domain < kMaxDomains) ++records.domains_[slot.domain];
  }
  for (const DeviceSlot& slot : flb.devices) {
    if (!slot.deleted && slot.device < kMaxDevices) ++records.devices_[slot.device];
  }
  return records;
}

bool Ledger::PreservesIommuAgain(const Outcome& outcome) const {
  return std::any_of(outcome.calls.begin(), outcome.calls.begin() + outcome.call_count,
                     [&](const DriverCall& call) {
                       return call.op == Op::kIommuPreserve && call.object < kMaxIommus &&
                              iommus_[call.object] > 0;
                     });
}

RuleSet Ledger::BrokenByFindings(const Outcome& outcome) const {
  FindingSet findings = outcome.findings;
  if (outcome.crashed()) findings &= ~kLeaks;
  // The pointer of an IOMMU that is preserved already is rightly set. The second run of the op
  // breaks R6 alone.
  if (PreservesIommuAgain(outcome)) findings &= ~FindingBit(Finding::kPublishedEarly);
  return BrokenBy(findings);
}

RuleCheck Ledger::Check(const Transition& t) {
  const Outcome& outcome = t.outcome;
  RuleCheck check = {.checked = RuleBit(Rule::kQuiet),
                     .broken = outcome.findings ? BrokenByFindings(outcome) : 0};
  const auto require = [&](bool holds, Rule rule) {
    check.checked |= RuleBit(rule);
    if (!holds) check.broken |= RuleBit(rule);
  };

  require(!outcome.warned || WarnIsTheReport(t), Rule::kQuiet);
  require(!outcome.crashed() || CrashIsTheReport(t), Rule::kQuiet);
  if (outcome.call_count > 0) check.checked |= RuleBit(Rule::kLocks);
  if (!outcome.crashed()) {
    if (Failed(outcome)) require(outcome.out == kNull && Unchanged(t), Rule::kAtomic);

    if (t.command.verb == Verb::kKexec) {
      Clear();
    } else if (t.before.flb.present && t.after.flb.present) {  // the same FLB
      require(OnlyGrows(t.before.flb, t.after.flb), Rule::kAppendOnly);
    }

    check |= CheckPromise(t);
    check |= CheckHandedOver(t);
    check |= CheckTakenOver(t);
    for (int i = 0; i < outcome.call_count; ++i) {
      require(EnterCall(t, outcome.calls[static_cast<std::size_t>(i)]), Rule::kPaired);
    }
    if (*this != AsRecorded(t.after.flb)) check.broken |= RuleBit(Rule::kPaired);

    if (t.command.verb == Verb::kForEachDev) {
      require(VisitsTheDevicesBehind(t), Rule::kVisible);
    } else if (outcome.call_count > 0) {
      require(VisitsNothing(outcome), Rule::kVisible);
    }
  }
  check.checked |= check.broken;
  return check;
}

}  // namespace holdfast
