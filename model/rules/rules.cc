// The table of the rules, and the rules over a state. The rules over a step are in step_rules.cc.
#include "model/rules/rules.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "model/rules/live_slot.h"

namespace holdfast {
namespace {

// The levels of docs/spec/rules.md 1: RuleInfo::hardened.
constexpr bool kHardened = true;
constexpr bool kCore = false;

constexpr std::array<RuleInfo, kRuleCount> kRules = {{
    {Rule::kHeld, "R1", "held", kCore,
     "An IOMMU stays preserved while a device needs it: the hw record that a live device record "
     "names is live, is "
     "that of the device's own IOMMU, and is where that IOMMU's outgoing pointer points."},
    {Rule::kCounted, "R2", "counted", kCore,
     "A live hw record counts exactly the live device records that name it and at least one, an "
     "IOMMU's outgoing "
     "pointer is set iff there is such a record, and the count of every other live record is 1."},
    {Rule::kClosed, "R3", "closed", kCore,
     "What a live record needs is live: it identifies its object, and a device record names a live "
     "hw record and the "
     "live record of the very domain that it is attached to."},
    {Rule::kUnique, "R4", "unique", kCore,
     "A device has at most one live record, and has one exactly if its outgoing state points to "
     "it."},
    {Rule::kAtomic, "R5", "atomic", kHardened,
     "A call that fails changes nothing but that it may use up slots as DELETED ones, and does not "
     "write its "
     "out-parameter."},
    {Rule::kPaired, "R6", "paired", kCore,
     "Every preserve op that succeeded is undone by one unpreserve op or lives on to the kexec, "
     "one that failed by "
     "none; a hw is preserved before its first device and unpreserved after its last."},
    {Rule::kAppendOnly, "R7", "append-only", kHardened,
     "A slot is used once: its place and its fields stay but for the count, what is DELETED stays "
     "so, and every "
     "chain is sound, its pages full but for the last and all preserved."},
    {Rule::kPages, "R8", "pages", kCore,
     "A page is preserved exactly while the FLB reaches it or one live record owns it, and none is "
     "without the FLB."},
    {Rule::kNoGhosts, "R9", "no ghosts", kCore, "No pointer outlives the FLB that it points into."},
    {Rule::kLocks, "R10", "locks", kHardened,
     "Every driver op runs under the FLB's lock, which no call leaks, no op takes again, and no "
     "sleep or lock order "
     "spoils."},
    {Rule::kBalanced, "R11", "balanced", kCore,
     "Between calls only the preserved files hold the FLB: one reference each, and the FLB is "
     "there exactly while "
     "there is one."},
    {Rule::kHandover, "R12", "handover", kCore,
     "The next kernel retrieves the records that were live at the freeze, all of them and no "
     "other, and takes each over once: a device by its record, a domain with its owner."},
    {Rule::kContinuity, "R13", "continuity", kCore,
     "The hardware translates for a preserved device as before, from preserved pages alone, and "
     "blocks every other "
     "device."},
    {Rule::kLayout, "R14", "layout", kHardened,
     "Records have the sizes, and pages the capacities, that the profile's next kernel expects."},
    {Rule::kQuiet, "R15", "quiet", kCore,
     "A caller that keeps the contract meets no WARN, no BUG and no sanitizer report."},
    {Rule::kVisible, "R16", "visible", kHardened,
     "The queries answer what the pointers say, or nothing with the option off, and a walk over an "
     "IOMMU visits its "
     "probed devices, each once."},
}};

constexpr std::array kMostTellingFirst = {
    Rule::kLayout,   Rule::kBalanced,   Rule::kNoGhosts, Rule::kAppendOnly,
    Rule::kHeld,     Rule::kCounted,    Rule::kClosed,   Rule::kUnique,
    Rule::kPaired,   Rule::kPages,      Rule::kLocks,    Rule::kVisible,
    Rule::kHandover, Rule::kContinuity, Rule::kAtomic,   Rule::kQuiet,
};
static_assert(kMostTellingFirst.size() == kRuleCount);

// True if any of the pointers is stale or wild.
template <std::size_t kSize>
bool AnyDangles(const std::array<SlotRef, kSize>& pointers) {
  // reduced to a number and not to a bool, which the compiler does with vectors
  SlotRef least = kNull;
  for (SlotRef pointer : pointers) least = std::min(least, pointer);
  return least < kNull;
}

template <std::size_t kSize>
bool AllNull(const std::array<SlotRef, kSize>& pointers) {
  static_assert(kNull == -1, "all bits set");
  SlotRef common = kNull;
  for (SlotRef pointer : pointers) common &= pointer;
  return common == kNull;
}

bool AllNull(const State& state) {
  return AllNull(state.preserved_state) && AllNull(state.device_ser) &&
         AllNull(state.outgoing_preserved_state);
}

bool NothingPreserved(const KhoPages& kho) { return kho == KhoPages(); }

// The rules about records and the pointers to them, in three passes over the chains. The passes
// gather which pages the live records own (R8), and how many live device records name the hw of
// each IOMMU (R2).
class RecordCheck {
 public:
  RecordCheck(const Topology& topology, const State& state)
      : topology_(topology),
        state_(state),
        flb_(state.flb),
        iommus_(topology.iommus.size()),
        devices_(topology.devices.size()),
        domains_(topology.domains.size()) {}

  RuleCheck Run() {
    CheckDevices();
    CheckIommus();
    CheckDomains();
    CheckPages();
    return check_;
  }

 private:
  void Ask(Rule rule) { check_.checked |= RuleBit(rule); }
  void Require(bool holds, Rule rule) {
    if (!holds) check_.broken |= RuleBit(rule);
  }

  // The live hw record that is the one of its IOMMU, both ways.
  const HwSlot* OwnHw(SlotRef ref) const {
    const HwSlot* hw = LiveSlot(flb_.iommus, ref);
    const bool own = hw && hw->iommu < iommus_ && state_.outgoing_preserved_state[hw->iommu] == ref;
    return own ? hw : nullptr;
  }

  void CheckDevices() {
    const std::span<const DeviceSlot> slots = flb_.devices;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const DeviceSlot& slot = slots[i];
      if (slot.deleted) continue;
      const SlotRef number = static_cast<SlotRef>(i);
      check_.checked |= RuleBit(Rule::kHeld) | RuleBit(Rule::kClosed) | RuleBit(Rule::kUnique);
      Require(slot.ref_count == 1, Rule::kCounted);

      const HwSlot* hw = OwnHw(slot.hw);
      const DomainSlot* domain = LiveSlot(flb_.domains, slot.domain);
      Require(LiveSlot(flb_.iommus, slot.hw) != nullptr, Rule::kClosed);
      Require(domain && domain->domain == slot.attachment, Rule::kClosed);
      if (hw) ++named_[hw->iommu];

      const bool identified = slot.device < devices_;
      Require(identified && !slot.incoming, Rule::kClosed);
      if (!identified) continue;
      Require(hw && hw->iommu == topology_.devices[slot.device].iommu, Rule::kHeld);
      Require(state_.device_ser[slot.device] == number, Rule::kUnique);
      pages_.devices |= static_cast<std::uint16_t>(1u << slot.device);
    }
    for (std::size_t device = 0; device < devices_; ++device) {
      const SlotRef pointer = state_.device_ser[device];
      if (pointer < 0 || !flb_.present) continue;  // no record, or a case of R9
      Ask(Rule::kUnique);
      const DeviceSlot* slot = LiveSlot(flb_.devices, pointer);
      Require(slot && slot->device == device, Rule::kUnique);
    }
  }

  void CheckIommus() {
    const std::span<const HwSlot> slots = flb_.iommus;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const HwSlot& slot = slots[i];
      if (slot.deleted) continue;
      check_.checked |= RuleBit(Rule::kCounted) | RuleBit(Rule::kClosed);
      const bool identified = slot.iommu < iommus_;
      Require(identified && !slot.incoming, Rule::kClosed);
      Require(OwnHw(static_cast<SlotRef>(i)) != nullptr, Rule::kCounted);
      if (!identified) continue;
      Require(slot.ref_count > 0 && slot.ref_count == named_[slot.iommu], Rule::kCounted);
      pages_.iommus |= static_cast<std::uint8_t>(1u << slot.iommu);
    }
    for (std::size_t iommu = 0; iommu < iommus_; ++iommu) {
      const SlotRef pointer = state_.outgoing_preserved_state[iommu];
      if (pointer == kNull || !flb_.present) continue;
      Ask(Rule::kCounted);
      const HwSlot* slot = LiveSlot(flb_.iommus, pointer);
      Require(slot && slot->iommu == iommu, Rule::kCounted);
    }
  }

  void CheckDomains() {
    const std::span<const DomainSlot> slots = flb_.domains;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const DomainSlot& slot = slots[i];
      if (slot.deleted) continue;
      check_.checked |= RuleBit(Rule::kClosed) | RuleBit(Rule::kCounted);
      Require(slot.ref_count == 1, Rule::kCounted);
      const bool identified = slot.domain < domains_;
      Require(identified && !slot.incoming, Rule::kClosed);
      if (!identified) continue;
      Require(state_.preserved_state[slot.domain] == static_cast<SlotRef>(i), Rule::kPages);
      pages_.domains |= static_cast<std::uint8_t>(1u << slot.domain);
    }
    for (std::size_t domain = 0; domain < domains_; ++domain) {
      const SlotRef pointer = state_.preserved_state[domain];
      if (pointer < 0 || !flb_.present) continue;
      Ask(Rule::kClosed);
      const DomainSlot* slot = LiveSlot(flb_.domains, pointer);
      Require(slot && slot->domain == domain, Rule::kClosed);
    }
  }

  void CheckPages() {
    if (flb_.present || !NothingPreserved(state_.kho)) Ask(Rule::kPages);
    Require(state_.kho == (flb_.present ? pages_ : KhoPages()), Rule::kPages);
  }

  const Topology& topology_;
  const State& state_;
  const Flb& flb_;
  const std::size_t iommus_, devices_, domains_;  // how many the topology has
  RuleCheck check_;
  KhoPages pages_;
  std::array<std::uint32_t, kMaxIommus> named_{};
};

// Each device that was taken over holds a live record of its own, which says so. A pointer that
// dangles is a case of R9.
bool HoldRecordsOfTheirOwn(const Topology& topology, const State& state) {
  for (std::size_t device = 0; device < topology.devices.size(); ++device) {
    const SlotRef pointer = state.restored_ser[device];
    if (pointer < 0) continue;
    const DeviceSlot* slot = LiveSlot(state.incoming.flb.devices, pointer);
    if (!slot || !slot->incoming || slot->device != device) return false;
  }
  return true;
}

RuleCheck Single(Rule rule, bool checked, bool holds) {
  RuleCheck check;
  if (checked || !holds) check.checked = RuleBit(rule);
  if (!holds) check.broken = RuleBit(rule);
  return check;
}

}  // namespace

std::span<const RuleInfo> Rules() { return kRules; }

const RuleInfo& InfoOf(Rule rule) { return kRules[static_cast<std::size_t>(rule) - 1]; }

Rule Headline(RuleSet broken) {
  for (Rule rule : kMostTellingFirst) {
    if (broken & RuleBit(rule)) return rule;
  }
  assert(!"Headline of an empty set");
  return Rule::kQuiet;
}

RuleSet HardenedRules(const Profile& profile) {
  RuleSet rules = 0;
  for (const RuleInfo& info : kRules) {
    if (info.hardened) rules |= RuleBit(info.rule);
  }
  // Only a second record of a device can break R4. Two calls break R3: a device with a domain that
  // it is not attached to, and the unpreserve of a domain in use. No profile refuses both, except
  // by refusing all calls.
  if (profile.double_device != 0 || !profile.config_enabled) rules |= RuleBit(Rule::kUnique);
  if (!profile.config_enabled) rules |= RuleBit(Rule::kClosed);
  return rules;
}

RuleCheck CheckState(const Topology& topology, const Profile& profile, const State& state) {
  const Flb& flb = state.flb;
  const bool any_slot = !flb.iommus.empty() || !flb.domains.empty() || !flb.devices.empty();

  RuleCheck check = RecordCheck(topology, state).Run();
  check |= Single(Rule::kAppendOnly, any_slot, flb.damage == 0 && state.incoming.flb.damage == 0);

  const bool dangles = AnyDangles(state.preserved_state) || AnyDangles(state.device_ser) ||
                       AnyDangles(state.outgoing_preserved_state) || AnyDangles(state.restored_ser);
  check |= Single(Rule::kNoGhosts, !flb.present,
                  !dangles && (flb.present || (AllNull(state) && !any_slot)));

  if (!AllNull(state.restored_ser))
    check |= Single(Rule::kHandover, true, HoldRecordsOfTheirOwn(topology, state));

  const int owed = profile.config_enabled ? state.files : 0;
  check |= Single(Rule::kBalanced, owed > 0, state.flb_refs == owed && flb.present == (owed > 0));
  check.checked |= check.broken;
  return check;
}

RuleCheck CheckQueries(const Topology& topology, const Profile& profile, const State& state,
                       const Queries& queries) {
  if (!profile.config_enabled) {
    return Single(Rule::kVisible, true, AllNull(queries.device) && AllNull(queries.iommu));
  }
  bool holds = queries.iommu == state.outgoing_preserved_state;
  const std::size_t devices = topology.devices.size();
  for (std::size_t device = 0; device < devices; ++device) {
    const SlotRef answer = queries.device[device];
    const SlotRef pointer = topology.devices[device].probed ? state.device_ser[device] : kNull;
    // The usual case: no record. For a dangling pointer the query reads freed memory, and any flags
    // there are right.
    if (pointer <= kNull && answer == kNull) continue;
    const bool is_slot =
        pointer >= 0 && static_cast<std::size_t>(pointer) < state.flb.devices.size();
    if (is_slot && state.flb.devices[static_cast<std::size_t>(pointer)].incoming) {
      holds &= answer == kNull;
    } else {
      holds &= answer == pointer;
    }
  }
  for (std::size_t device = devices; device < queries.device.size(); ++device)
    holds &= queries.device[device] == kNull;
  const bool any = !AllNull(state.device_ser) || !AllNull(state.outgoing_preserved_state);
  return Single(Rule::kVisible, any, holds);
}

RuleCheck CheckLayout(const Profile& profile, const Layout& layout) {
  if (!profile.config_enabled) return {};  // no record is ever written
  return Single(Rule::kLayout, true, layout == profile.layout);
}

RuleCheck CheckEnd(const State& state) {
  RuleCheck check = Single(Rule::kPages, true, NothingPreserved(state.kho));
  check |= Single(Rule::kNoGhosts, true, AllNull(state));
  check |=
      Single(Rule::kBalanced, true, !state.flb.present && state.flb_refs == 0 && state.files == 0);
  return check;
}

}  // namespace holdfast
