#include "properties/lockstep/attribution.h"

#include <algorithm>
#include <cstddef>

namespace holdfast {
namespace {

bool SameResult(const Outcome& model, const Outcome& sut) {
  return model.kind == sut.kind && model.error == sut.error && model.out == sut.out &&
         model.fault_fired == sut.fault_fired;
}

bool SameCalls(const Outcome& model, const Outcome& sut) {
  return std::equal(model.calls.begin(), model.calls.begin() + model.call_count, sut.calls.begin(),
                    sut.calls.begin() + sut.call_count);
}

// Findings have no place here: each finding has a rule of its own (Ledger::Check).
RuleSet RulesOfOutcome(const Outcome& model, const Outcome& sut) {
  RuleSet rules = 0;
  // A visit is an answer (R16), and a restore a part of the handover (R12). Every other call
  // belongs to a pair (R6).
  const auto is_visit = [](const DriverCall& call) { return call.op == Op::kVisit; };
  const bool visits =
      std::any_of(model.calls.begin(), model.calls.begin() + model.call_count, is_visit) ||
      std::any_of(sut.calls.begin(), sut.calls.begin() + sut.call_count, is_visit);
  if (model.crashed() != sut.crashed() || model.warned != sut.warned)
    rules |= RuleBit(Rule::kQuiet);
  if (model.crashed() || sut.crashed()) return rules;
  // A call that returns nothing cannot fail: what it left undone shows in the state.
  if (model.kind == Outcome::Kind::kVoid && sut.kind == Outcome::Kind::kVoid &&
      model.fault_fired != sut.fault_fired) {
    if (SameCalls(model, sut)) return rules | RuleBit(Rule::kQuiet);
  } else if (!SameResult(model, sut)) {
    rules |= RuleBit(Rule::kAtomic);
  }
  const auto is_restore = [](const DriverCall& call) { return call.op == Op::kPtRestore; };
  const bool restores =
      std::any_of(model.calls.begin(), model.calls.begin() + model.call_count, is_restore) ||
      std::any_of(sut.calls.begin(), sut.calls.begin() + sut.call_count, is_restore);
  if (!SameCalls(model, sut)) {
    rules |= RuleBit(visits ? Rule::kVisible : restores ? Rule::kHandover : Rule::kPaired);
  }
  return rules;
}

template <typename Slot>
int CountLive(const std::vector<Slot>& slots) {
  return static_cast<int>(
      std::count_if(slots.begin(), slots.end(), [](const Slot& slot) { return !slot.deleted; }));
}

RuleSet RulesOfHwSlots(const std::vector<HwSlot>& model, const std::vector<HwSlot>& sut) {
  RuleSet rules = 0;
  const std::size_t both = std::min(model.size(), sut.size());
  if (model.size() != sut.size()) rules |= RuleBit(Rule::kAppendOnly);
  for (std::size_t i = 0; i < both; ++i) {
    if (model[i] == sut[i]) continue;
    HwSlot but_for_count = sut[i];
    but_for_count.ref_count = model[i].ref_count;
    rules |= RuleBit(model[i] == but_for_count ? Rule::kCounted : Rule::kAppendOnly);
  }
  return rules;
}

RuleSet RulesOfDeviceSlots(const std::vector<DeviceSlot>& model,
                           const std::vector<DeviceSlot>& sut) {
  RuleSet rules = 0;
  if (CountLive(model) != CountLive(sut)) rules |= RuleBit(Rule::kUnique);
  const std::size_t both = std::min(model.size(), sut.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (model[i] == sut[i]) continue;
    rules |= RuleBit(model[i].deleted == sut[i].deleted ? Rule::kClosed : Rule::kUnique);
  }
  if (rules == 0 && model.size() != sut.size()) rules |= RuleBit(Rule::kAppendOnly);
  return rules;
}

RuleSet RulesOfFlb(const Flb& model, const Flb& sut) {
  RuleSet rules = 0;
  if (model.present != sut.present) return RuleBit(Rule::kNoGhosts);
  if (model.damage != sut.damage || model.domains != sut.domains)
    rules |= RuleBit(Rule::kAppendOnly);
  if (model.iommus != sut.iommus) rules |= RulesOfHwSlots(model.iommus, sut.iommus);
  if (model.devices != sut.devices) rules |= RulesOfDeviceSlots(model.devices, sut.devices);
  return rules;
}

// A stale pointer that should be NULL or point into the FLB is a ghost.
template <std::size_t n>
RuleSet RulesOfPointers(const std::array<SlotRef, n>& model, const std::array<SlotRef, n>& sut,
                        Rule otherwise) {
  RuleSet rules = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (model[i] == sut[i]) continue;
    rules |= RuleBit(model[i] == kStale || sut[i] == kStale ? Rule::kNoGhosts : otherwise);
  }
  return rules;
}

RuleSet RulesOfState(const State& model, const State& sut) {
  RuleSet rules = RulesOfFlb(model.flb, sut.flb);
  rules |=
      RulesOfPointers(model.outgoing_preserved_state, sut.outgoing_preserved_state, Rule::kHeld);
  rules |= RulesOfPointers(model.device_ser, sut.device_ser, Rule::kUnique);
  rules |= RulesOfPointers(model.restored_ser, sut.restored_ser, Rule::kHandover);
  rules |= RulesOfPointers(model.preserved_state, sut.preserved_state, Rule::kClosed);
  if (model.kho != sut.kho) rules |= RuleBit(Rule::kPages);
  if (model.files != sut.files || model.flb_refs != sut.flb_refs) rules |= RuleBit(Rule::kBalanced);
  Incoming but_for_errno = sut.incoming;
  but_for_errno.error = model.incoming.error;
  if (model.incoming.error != sut.incoming.error) rules |= RuleBit(Rule::kAtomic);
  if (model.incoming != but_for_errno || model.frozen != sut.frozen ||
      model.frozen_flb != sut.frozen_flb || model.frozen_files != sut.frozen_files) {
    rules |= RuleBit(Rule::kHandover);
  }
  // Owners and attachments belong to the caller. No call may change them.
  if (model.owner_claims != sut.owner_claims || model.attached != sut.attached)
    rules |= RuleBit(Rule::kAtomic);
  return rules;
}

bool SameRecordCounts(const Flb& model, const Flb& sut) {
  return model.iommus.size() == sut.iommus.size() && model.domains.size() == sut.domains.size() &&
         model.devices.size() == sut.devices.size();
}

// The model calls a preserve op, the implementation makes the record and does not call the op, and
// both return 0. Then the differences of the record only follow.
bool SkipsPreserve(const Side& model_side, const Side& sut_side) {
  const Outcome& model = model_side.outcome;
  const Outcome& sut = sut_side.outcome;
  if (!SameRecordCounts(model_side.state.flb, sut_side.state.flb)) return false;
  if (model.kind != Outcome::Kind::kReturned || !SameResult(model, sut) || model.error != 0)
    return false;
  return std::any_of(
      model.calls.begin(), model.calls.begin() + model.call_count, [&](const DriverCall& call) {
        const bool preserves = call.op == Op::kIommuPreserve ||
                               call.op == Op::kIommuPreserveDevice || call.op == Op::kPtPreserve;
        return preserves && std::none_of(sut.calls.begin(), sut.calls.begin() + sut.call_count,
                                         [&](const DriverCall& other) {
                                           return other.op == call.op &&
                                                  other.object == call.object;
                                         });
      });
}

// A pointer leads to no record at all. If no other pointer is stale, no FLB went away. Then the
// records are not in the place that their chain gives.
bool OnlyWild(const State& state) {
  const auto any = [&](SlotRef ref) {
    const auto is = [ref](SlotRef pointer) { return pointer == ref; };
    return std::any_of(state.preserved_state.begin(), state.preserved_state.end(), is) ||
           std::any_of(state.device_ser.begin(), state.device_ser.end(), is) ||
           std::any_of(state.outgoing_preserved_state.begin(), state.outgoing_preserved_state.end(),
                       is);
  };
  return state.flb.present && any(kWild) && !any(kStale);
}

}  // namespace

RuleSet RulesOfDifference(const Side& model, const Side& sut) {
  RuleSet rules = RulesOfOutcome(model.outcome, sut.outcome);
  if (model.state.crashed != sut.state.crashed) rules |= RuleBit(Rule::kQuiet);
  if (model.state.crashed || sut.state.crashed) {
    // Both crashed, and only the way to the crash differs: the driver calls, or a finding (a hang).
    if (rules != 0 || model.outcome == sut.outcome) return rules;
    return RuleBit(SameCalls(model.outcome, sut.outcome) ? Rule::kQuiet : Rule::kPaired);
  }
  if (!(model.queries == sut.queries)) rules |= RuleBit(Rule::kVisible);
  return rules | RulesOfState(model.state, sut.state);
}

RuleSet Attribute(const Command& command, const Side& model, RuleSet model_broken, RuleSet standing,
                  const Side& sut, RuleSet sut_broken) {
  RuleSet rules = sut_broken & ~model_broken;
  if (rules & ~standing) rules &= ~standing;
  const bool next_kernel = MayRetrieve(command.verb);
  const bool refused =
      sut.outcome.failed() && model.outcome.error != sut.outcome.error && !model.outcome.crashed();
  const bool warns = sut.outcome.warned && !model.outcome.warned && !sut.outcome.crashed();
  if (rules == 0 && warns) return RuleBit(Rule::kQuiet);
  if (rules == 0 && refused && next_kernel && !model.outcome.failed())
    return RuleBit(Rule::kHandover);
  if (rules == 0 && refused) return RuleBit(Rule::kAtomic);
  if (model.outcome.crashed() && !sut.outcome.crashed())
    return RuleBit(next_kernel ? Rule::kHandover : Rule::kQuiet);
  if (SkipsPreserve(model, sut)) return RuleBit(Rule::kPaired);
  if (rules & RuleBit(Rule::kNoGhosts) && OnlyWild(sut.state)) {
    rules = (rules & ~RuleBit(Rule::kNoGhosts)) | RuleBit(Rule::kAppendOnly);
  }
  // A call that accepts what the profile refuses is wrong by itself. All else follows from it.
  if (model.outcome.failed() && !sut.outcome.failed() && !sut.outcome.crashed() && !warns)
    rules |= RuleBit(Rule::kAtomic);
  if (model.outcome.crashed() != sut.outcome.crashed()) rules |= RuleBit(Rule::kQuiet);
  return rules != 0 ? rules : RulesOfDifference(model, sut);
}

}  // namespace holdfast
