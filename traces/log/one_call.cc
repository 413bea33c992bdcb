#include "traces/log/one_call.h"

#include <algorithm>

#include "model/step.h"
#include "model/text/text.h"
#include "traces/log/probes.h"

namespace holdfast {
namespace {

constexpr std::uint8_t kOther = 1;  // the second device and the second domain

Topology TopologyOf(const SmallWorld& world) {
  Topology topology = MakeTopology(1, 2, 2);
  if (world.domain_ops == 1) topology.domains[0].missing_ops = OpBit(Op::kPtPreserve);
  if (world.domain_ops == 2) topology.domains[0].missing_ops = OpBit(Op::kPtUnpreserve);
  if (world.iommu_ops == 1) topology.iommus[0].missing_ops = OpBit(Op::kIommuPreserve);
  if (world.iommu_ops == 2) topology.iommus[0].missing_ops = OpBit(Op::kIommuUnpreserve);
  Device& device = topology.devices[0];
  if (world.kind == 1) topology.devices[kOther].group = 0;
  if (world.kind == 2) device.bus = Bus::kPlatform;
  if (world.kind == 3) device.group = kNone;
  if (world.kind == 4) device.probed = false;
  return topology;
}

Command CommandOf(const SmallWorld& world) { return {.verb = world.verb}; }

SlotRef RefOf(std::uint8_t pointer, std::size_t slots) {
  if (pointer == kStalePointer) return kStale;
  return pointer == kLivePointer ? static_cast<SlotRef>(slots) : kNull;
}

std::uint8_t PointerOf(SlotRef ref) {
  return ref == kStale ? kStalePointer : ref == kNull ? kNullPointer : kLivePointer;
}

template <typename Slot>
void Fill(std::vector<Slot>& chain, std::size_t slots) {
  while (chain.size() < slots) chain.insert(chain.begin(), Deleted<Slot>());
}

constexpr int kMany = 3;  // the count that stands for more than one

// The state of the small world: the records of its objects and, for the device's record, a domain
// that no call names.
State StateOf(const SmallWorld& world, const Topology& topology, const Layout& layout) {
  State state = InitialState(topology);
  state.flb.present = world.flb != kAbsent;
  state.files = world.flb;
  state.flb_refs = world.flb;
  if (topology.devices[0].group != kNone) state.owner_claims[0] = world.owned;
  const std::size_t full = world.full ? 1 : 0;
  Flb& flb = state.flb;
  if (state.flb.present) {
    if (full) {
      Fill(flb.domains, layout.domain_capacity() - (world.domain == kLivePointer) - 1);
      Fill(flb.devices, layout.device_capacity() - (world.device == kLivePointer));
      const bool counted = world.iommu == kCountedOnce || world.iommu == kCountedMore;
      Fill(flb.iommus, layout.hw_capacity() - counted);
    }
    state.preserved_state[kOther] = static_cast<SlotRef>(flb.domains.size());
    flb.domains.push_back({.domain = kOther, .ref_count = 1});
    state.kho.domains = 1u << kOther;
  }
  state.preserved_state[0] = RefOf(world.domain, flb.domains.size());
  if (world.domain == kLivePointer) {
    flb.domains.push_back({.domain = 0, .ref_count = 1});
    state.kho.domains |= 1u;
  }
  const bool counted = world.iommu == kCountedOnce || world.iommu == kCountedMore;
  state.outgoing_preserved_state[0] = world.iommu == kCountStale ? kStale
                                      : counted ? static_cast<SlotRef>(flb.iommus.size())
                                                : kNull;
  if (counted) {
    flb.iommus.push_back(
        {.iommu = 0,
         .ref_count = static_cast<std::uint32_t>(world.iommu == kCountedOnce ? 1 : kMany)});
    state.kho.iommus = 1;
  }
  state.device_ser[0] = RefOf(world.device, flb.devices.size());
  if (world.device == kLivePointer) {
    flb.devices.push_back({.device = 0,
                           .attachment = state.attached[0],
                           .ref_count = 1,
                           .domain = state.preserved_state[kOther],
                           .hw = state.outgoing_preserved_state[0]});
    state.kho.devices = 1;
  }
  if (world.restored) state.restored_ser[0] = 0;
  return state;
}

Probe ProbeOfOp(Op op) {
  switch (op) {
    case Op::kIommuPreserve: return Probe::kIommuPreserve;
    case Op::kIommuUnpreserve: return Probe::kIommuUnpreserve;
    case Op::kIommuPreserveDevice: return Probe::kIommuPreserveDevice;
    case Op::kIommuUnpreserveDevice: return Probe::kIommuUnpreserveDevice;
    case Op::kPtPreserve: return Probe::kPtPreserve;
    default: return Probe::kPtUnpreserve;
  }
}

int CountOf(const State& state) {
  const SlotRef ref = state.outgoing_preserved_state[0];
  return ref < 0 ? 0 : static_cast<int>(state.flb.iommus[static_cast<std::size_t>(ref)].ref_count);
}

bool Exists(const SmallWorld& world) {
  const bool counted = world.iommu == kCountedOnce || world.iommu == kCountedMore;
  const bool records =
      world.domain == kLivePointer || world.device == kLivePointer || counted || world.full;
  return (world.flb != kAbsent || !records) && (world.device != kLivePointer || counted);
}

}  // namespace

std::uint32_t SmallWorld::Key() const {
  std::uint32_t key = static_cast<std::uint32_t>(verb);
  for (const std::uint8_t part : {flb, domain, domain_ops, device, owned, iommu, iommu_ops,
                                  std::uint8_t{restored}, std::uint8_t{full}}) {
    key = key * 4 + part;
  }
  return key * 8 + kind;
}

std::string Way::Print() const {
  std::string text = crashed              ? "CRASH"
                     : !returns           ? "void"
                     : error == kAnyError ? "an error"
                     : error == 0         ? "0"
                                          : "-" + std::string(ErrnoName(-error));
  const char* separator = " with ";
  for (const Act& act : acts) {
    text += separator + std::string(ProbeName(act.probe)) + (act.failed ? " failing" : "");
    separator = ", ";
  }
  return text;
}

const std::vector<Way>& Ways::Of(const SmallWorld& world) {
  const auto [at, is_new] = known_.try_emplace(world.Key());
  if (is_new && Exists(world)) at->second = Compute(world);
  return at->second;
}

std::vector<Way> Ways::Compute(const SmallWorld& world) const {
  const Topology topology = TopologyOf(world);
  const State before = StateOf(world, topology, profile_.layout);
  const RuleSet broken_before = CheckState(topology, profile_, before).broken;
  const Command plain = CommandOf(world);
  const auto run = [&](FaultSite site, int nth) {
    return Step(topology, profile_, before,
                site == FaultSite::kNone ? plain : WithFault(plain, site, Way::kAnyError, nth));
  };
  const bool looks_up = run(FaultSite::kFlbGetOutgoing, 1).outcome.fault_fired;
  std::vector<Way> ways;
  const auto add = [&](FaultSite site, int nth) {
    const StepResult result = run(site, nth);
    const Outcome& outcome = result.outcome;
    if (site != FaultSite::kNone && !outcome.fault_fired) return;
    Way way;
    way.crashed = outcome.crashed();
    way.returns = outcome.kind == Outcome::Kind::kReturned;
    way.error = outcome.error;
    if (looks_up) {
      // what the orchestrator itself answers (model/environment.cc, GetOutgoing)
      const int error = site == FaultSite::kFlbGetOutgoing                     ? Way::kAnyError
                        : profile_.luo == Luo::kOff                            ? -EOPNOTSUPP
                        : profile_.luo == Luo::kStageC && world.flb == kAbsent ? -ENOENT
                                                                               : 0;
      if (error == Way::kAnyError && way.error == error) way.error_of = 0;
      way.acts.push_back({Probe::kGetOutgoing, error != 0, error == Way::kAnyError ? 0 : error});
    }
    for (int i = 0; i < outcome.call_count; ++i) {
      const DriverCall& call = outcome.calls[static_cast<std::size_t>(i)];
      if (call.result != 0 && way.error == Way::kAnyError)
        way.error_of = static_cast<int>(way.acts.size());
      way.acts.push_back({ProbeOfOp(call.op), call.result != 0, 0});
    }
    const State& after = result.state;
    way.flb = after.flb.present ? static_cast<std::uint8_t>(std::min<int>(after.flb_refs, 3))
                                : std::uint8_t{kAbsent};
    way.domain = PointerOf(after.preserved_state[0]);
    way.device = PointerOf(after.device_ser[0]);
    way.count = CountOf(after) - CountOf(before);
    way.iommu = after.outgoing_preserved_state[0] == kStale ? kCountStale : kNotCounted;
    if (!way.crashed) way.broken = CheckState(topology, profile_, after).broken & ~broken_before;
    ways.push_back(std::move(way));
  };
  add(FaultSite::kNone, 1);
  add(FaultSite::kFlbGetOutgoing, 1);
  add(FaultSite::kIommuPreserve, 1);
  add(FaultSite::kIommuPreserveDevice, 1);
  add(FaultSite::kPtPreserve, 1);
  add(FaultSite::kKhoAlloc, 1);
  add(FaultSite::kKhoAlloc, 2);
  return ways;
}

std::optional<Scenario> ScenarioOf(const SmallWorld& world, const Profile& profile) {
  if (world.restored || world.full) return std::nullopt;
  Scenario scenario{.profile = profile, .topology = TopologyOf(world), .commands = {}};
  auto& commands = scenario.commands;
  const bool stale =
      world.domain == kStalePointer || world.device == kStalePointer || world.iommu == kCountStale;
  if (stale) {
    commands.push_back(PreserveFile());
    if (world.domain == kStalePointer) commands.push_back(PreserveDomain(0));
    if (world.device == kStalePointer || world.iommu == kCountStale) {
      commands.push_back(PreserveDomain(kOther));
      commands.push_back(PreserveDevice(kOther, world.device == kStalePointer ? 0 : kOther));
    }
    commands.push_back(UnpreserveFile());
  }
  for (int i = 0; i < world.flb; ++i) commands.push_back(PreserveFile());
  if (world.domain == kLivePointer) commands.push_back(PreserveDomain(0));
  const bool counted = world.iommu == kCountedOnce || world.iommu == kCountedMore;
  if (counted) commands.push_back(PreserveDomain(kOther));
  if (world.device == kLivePointer) commands.push_back(PreserveDevice(kOther, 0));
  if (counted && (world.device != kLivePointer || world.iommu == kCountedMore))
    commands.push_back(PreserveDevice(kOther, kOther));
  if (world.iommu == kCountedMore && world.device != kLivePointer) return std::nullopt;
  if (world.owned == 0) commands.push_back(ReleaseDmaOwner(0));
  commands.push_back(CommandOf(world));
  // The setup is made of calls that may be refused, so it is tried.
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (i + 1 == commands.size() &&
        (PointerOf(state.preserved_state[0]) != world.domain ||
         PointerOf(state.device_ser[0]) != world.device || (CountOf(state) > 0) != counted)) {
      return std::nullopt;
    }
    StepInPlace(scenario.topology, profile, state, commands[i], outcome);
  }
  return scenario;
}

}  // namespace holdfast
