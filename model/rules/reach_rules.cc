// R12 and R13 by the hardware.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "model/rules/live_slot.h"
#include "model/rules/rules.h"

namespace holdfast {
namespace {

// The domain that a live record of the device names, or kNone. A record without a live hw record
// and a live domain record carries nothing.
std::uint8_t CarriedBy(const Flb& flb, std::size_t device) {
  std::uint8_t domain = kNone;
  for (const DeviceSlot& slot : flb.devices) {
    if (slot.deleted || slot.device != device) continue;
    const DomainSlot* record = LiveSlot(flb.domains, slot.domain);
    if (record != nullptr && LiveSlot(flb.iommus, slot.hw) != nullptr) domain = record->domain;
  }
  return domain;
}

// True if the records of the previous kernel can be followed.
bool IsHandedOver(const Incoming& incoming) {
  using Status = Incoming::Status;
  return !incoming.lost && incoming.flb.damage == 0 &&
         (incoming.status == Status::kHandedOver || incoming.status == Status::kRetrieved ||
          incoming.status == Status::kFailed);
}

}  // namespace

std::optional<OwedReaches> OwedReach(const Topology& topology, const State& state,
                                     const Reach& reach) {
  if (!reach.walked || state.crashed) return std::nullopt;
  // with nothing handed over, the driver comes up at once
  if (!reach.up && !IsHandedOver(state.incoming)) return std::nullopt;
  const Flb& records = reach.up ? state.flb : state.incoming.flb;
  OwedReaches owed;
  for (std::size_t d = 0; d < topology.devices.size(); ++d) {
    owed[d] = CarriedBy(records, d);
    if (owed[d] != kNone || !reach.up) continue;
    // The domain of the attachment in this kernel, or else of the adoption.
    owed[d] = state.attached[d] != kNone ? state.attached[d] : reach.adopted[d];
  }
  return owed;
}

RuleCheck CheckContinuity(const Topology& topology, const State& state, const Reach& reach) {
  RuleCheck check;
  const std::optional<OwedReaches> owed = OwedReach(topology, state, reach);
  if (!owed) return check;
  // Of the units before the driver is up.
  std::array<bool, kMaxIommus> in_use{};
  for (std::size_t d = 0; d < topology.devices.size(); ++d) {
    if ((*owed)[d] != Reach::kBlocked) in_use[topology.devices[d].iommu] = true;
  }
  for (std::size_t d = 0; d < topology.devices.size(); ++d) {
    const std::uint8_t at = reach.device[d];
    const bool may_be_off = !reach.up && !in_use[topology.devices[d].iommu];
    check.checked |= RuleBit(Rule::kContinuity);
    if (at != (*owed)[d] && !(at == Reach::kOff && may_be_off))
      check.broken |= RuleBit(Rule::kContinuity);
  }
  return check;
}

RuleCheck CheckHandover(const Topology& topology, const State& state, const Reach& reach) {
  RuleCheck check;
  if (!reach.walked || !reach.up || state.crashed || !IsHandedOver(state.incoming)) return check;
  check.checked = RuleBit(Rule::kHandover);
  const Flb& records = state.incoming.flb;
  std::uint8_t iommus = 0, domains = 0;
  for (const HwSlot& slot : records.iommus) {
    if (!slot.deleted && slot.iommu < kMaxIommus)
      iommus |= static_cast<std::uint8_t>(1u << slot.iommu);
  }
  for (const DomainSlot& slot : records.domains) {
    if (!slot.deleted && slot.domain < kMaxDomains)
      domains |= static_cast<std::uint8_t>(1u << slot.domain);
  }
  bool same = iommus == reach.iommus && domains == reach.domains;
  for (std::size_t d = 0; d < topology.devices.size(); ++d)
    same = same && CarriedBy(records, d) == reach.adopted[d];
  if (!same) check.broken = RuleBit(Rule::kHandover);
  return check;
}

}  // namespace holdfast
