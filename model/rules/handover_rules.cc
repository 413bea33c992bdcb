// R12 over a step.
#include "model/rules/handover_rules.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "model/rules/live_slot.h"

namespace holdfast {
namespace {

bool Names(const HwSlot& a, const HwSlot& b) { return a.iommu == b.iommu; }
bool Names(const DomainSlot& a, const DomainSlot& b) { return a.domain == b.domain; }
bool Names(const DeviceSlot& a, const DeviceSlot& b) {
  return a.device == b.device && a.domain == b.domain && a.hw == b.hw &&
         a.attachment == b.attachment && a.dma_owner_token == b.dma_owner_token;
}

template <typename Slot>
bool SameLive(const std::vector<Slot>& before, const std::vector<Slot>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const Slot& a, const Slot& b) {
                      return a.deleted == b.deleted && (a.deleted || Names(a, b));
                    });
}

bool SameLive(const Flb& before, const Flb& after) {
  return SameLive(before.iommus, after.iommus) && SameLive(before.domains, after.domains) &&
         SameLive(before.devices, after.devices);
}

// The records of the kernel before, but for the marks of what this kernel has taken over.
bool SameRecords(const Flb& before, const Flb& after) {
  return before.present == after.present && SameLive(before, after);
}

template <typename Slot>
bool SameMarks(const std::vector<Slot>& before, const std::vector<Slot>& after, SlotRef except) {
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (before[i].incoming != after[i].incoming && static_cast<SlotRef>(i) != except) return false;
  }
  return true;
}

// Exactly the next live record of the device is taken; or none, because there is none.
bool TakesItsRecord(const Transition& t) {
  const std::vector<DeviceSlot>& before = t.before.incoming.flb.devices;
  const auto mine = std::find_if(before.begin(), before.end(), [&](const DeviceSlot& slot) {
    return !slot.deleted && !slot.incoming && slot.device == t.command.device;
  });
  const SlotRef taken = t.after.restored_ser[t.command.device];
  if (mine == before.end()) return taken == kNull;
  const DeviceSlot* slot = LiveSlot(t.after.incoming.flb.devices, taken);
  return taken == mine - before.begin() && slot && slot->incoming;
}

// The device has the domain of its record, the same domain as every other device with that record.
// The tables are taken over once. The group is owned.
bool RestoresItsDomain(const Transition& t) {
  const std::uint8_t device = t.command.device;
  const DeviceSlot* record = LiveSlot(t.before.incoming.flb.devices, t.before.restored_ser[device]);
  const DomainSlot* domain =
      record ? LiveSlot(t.before.incoming.flb.domains, record->domain) : nullptr;
  if (!domain || t.outcome.out != record->domain) return false;
  const auto restores = std::count_if(
      t.outcome.calls.begin(), t.outcome.calls.begin() + t.outcome.call_count,
      [&](const DriverCall& call) {
        return call.op == Op::kPtRestore && call.slot == record->domain && call.result == 0;
      });
  const DomainSlot* after = LiveSlot(t.after.incoming.flb.domains, record->domain);
  const std::uint8_t group = t.topology.devices[device].group;
  return restores == (domain->incoming ? 0 : 1) && t.outcome.call_count == restores && after &&
         after->incoming && t.after.attached[device] == domain->domain && group != kNone &&
         t.after.owner_claims[group] > 0;
}

}  // namespace

RuleCheck CheckHandedOver(const Transition& t) {
  using Status = Incoming::Status;
  const Incoming& incoming = t.after.incoming;
  bool asked = t.before.frozen && t.before.frozen_flb && t.before.flb.present;
  bool holds = true;
  if (asked && t.command.verb == Verb::kKexec) {
    holds = incoming.status == Status::kHandedOver && !incoming.lost &&
            SameLive(t.before.flb, incoming.flb);
  } else if (asked) {
    holds = t.after.flb.present && SameLive(t.before.flb, t.after.flb);
  } else if (t.command.verb == Verb::kRetrieve && t.outcome.kind == Outcome::Kind::kReturned &&
             t.outcome.error == 0) {
    asked = true;
    holds = incoming.status == Status::kRetrieved && SameLive(t.before.incoming.flb, incoming.flb);
  }
  return {.checked = asked ? RuleBit(Rule::kHandover) : 0,
          .broken = holds ? 0 : RuleBit(Rule::kHandover)};
}

RuleCheck CheckTakenOver(const Transition& t) {
  using Status = Incoming::Status;
  const Incoming& before = t.before.incoming;
  const Incoming& after = t.after.incoming;
  if (t.command.verb == Verb::kKexec || t.command.verb == Verb::kFinish || !before.flb.present)
    return {};
  const bool has_side = t.profile.restores && t.profile.config_enabled;
  const bool probes = has_side && t.command.verb == Verb::kProbeDevice &&
                      t.topology.devices[t.command.device].probed;
  const bool restores = has_side && t.command.verb == Verb::kRestoreDomain;
  if (!probes && !restores && before.flb == after.flb) return {};
  const bool succeeded = t.outcome.kind == Outcome::Kind::kReturned && t.outcome.error == 0;
  bool holds = SameRecords(before.flb, after.flb);
  SlotRef device = kNull, domain = kNull;  // the records that may be marked now
  if (probes && succeeded && after.status == Status::kRetrieved) {
    device = t.after.restored_ser[t.command.device];
    holds = holds && TakesItsRecord(t);
  }
  if (restores && succeeded) {
    domain = t.outcome.out;
    holds = holds && RestoresItsDomain(t);
  }
  holds = holds && SameMarks(before.flb.devices, after.flb.devices, device) &&
          SameMarks(before.flb.domains, after.flb.domains, domain);
  return {.checked = probes || restores ? RuleBit(Rule::kHandover) : 0,
          .broken = holds ? 0 : RuleBit(Rule::kHandover)};
}

}  // namespace holdfast
