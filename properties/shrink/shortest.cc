#include "properties/shrink/shortest.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "properties/shrink/breadth_first.h"
#include "properties/shrink/simplify.h"
#include "properties/shrink/small_topologies.h"

namespace holdfast {
namespace {

// Longest first tried with the shortest, so that most defects are found before any topology is
// searched deep.
constexpr std::array<std::size_t, 6> kLimits = {2, 3, 4, 5, 6, 16};

// Beyond it topologies with a trait are left out, so that those of many devices are reached. Ports
// have few of them.
constexpr std::size_t kEveryTopology = 4;

// A chain's page all but filled, by the calls that spend a slot each and leave nothing else behind:
// no sequence fills it with fewer.
std::vector<Start> FullPages(const Layout& layout) {
  std::vector<Start> starts;
  const auto add = [&](std::vector<Command> prefix, const Command& spend, std::uint32_t slots) {
    for (std::uint32_t i = 0; i + 1 < slots; ++i) prefix.push_back(spend);
    starts.push_back({MakeTopology(1, 1, 1), prefix, "an all but full page"});
  };
  const Command device = WithFault(PreserveDevice(0, 0), FaultSite::kIommuPreserve);
  const Command domain = WithFault(PreserveDomain(0), FaultSite::kPtPreserve);
  add({PreserveFile(), PreserveDomain(0)}, device, layout.hw_capacity());
  add({PreserveFile(), PreserveDomain(0)}, device, layout.device_capacity());
  add({PreserveFile()}, domain, layout.domain_capacity());
  return starts;
}

constexpr std::string_view kHandedOver = "a device that was handed over";
std::vector<Command> ThenHandOver(std::vector<Command> calls) {
  calls.insert(calls.begin(), PreserveFile());
  calls.insert(calls.end(), {Freeze(), Kexec()});
  return calls;
}
std::vector<Command> HandOver(int devices) {
  std::vector<Command> calls = {PreserveDomain(0)};
  for (int device = 0; device < devices; ++device)
    calls.push_back(PreserveDevice(0, static_cast<std::uint8_t>(device)));
  return ThenHandOver(calls);
}

// For the restoring side: a device came over, alone, with another of its domain, or with a device
// that did not. Or records came over that are not the device's: a DELETED one alone or before the
// device's, a DELETED domain, another domain before the device's, a second record of the device.
std::vector<Start> NextKernelsOfCore() {
  const Topology one = MakeTopology(1, 1, 1), two = MakeTopology(1, 2, 1);
  const Command domain = PreserveDomain(0), device = PreserveDevice(0, 0);
  const Command spent = WithFault(device, FaultSite::kIommuPreserveDevice);
  return {{one, HandOver(1), kHandedOver},
          {two, HandOver(2), kHandedOver},
          {two, HandOver(1), kHandedOver},
          {one, ThenHandOver({domain, spent}), "a DELETED device that was handed over"},
          {one, ThenHandOver({domain, spent, device}), kHandedOver},
          {one, ThenHandOver({domain, device, UnpreserveDomain(0)}), kHandedOver},
          {MakeTopology(1, 1, 2), ThenHandOver({PreserveDomain(1), domain, device}), kHandedOver},
          {one, ThenHandOver({domain, device, device}), kHandedOver}};
}

// A port's second kernel: the first device came over, alone or with a device and a domain to spare;
// or it is preserved there, and another is left, which it shares a group with or does not.
std::vector<Start> NextKernelsOfPort() {
  const std::vector<Command> anew = {Kexec(),      PreserveFile(),   PreserveDomain(0),
                                     Attach(0, 0), ClaimDmaOwner(0), PreserveDevice(0, 0)};
  Topology grouped = MakeTopology(1, 3, 1);
  grouped.devices[2].group = 0;
  return {{MakeTopology(1, 1, 1), HandOver(1), kHandedOver},
          {MakeTopology(1, 2, 2), HandOver(1), kHandedOver},
          {MakeTopology(1, 3, 1), anew, "a device that is preserved after a kexec"},
          {grouped, anew, "a device that is preserved after a kexec"}};
}

std::vector<Start> FarOut(const Sut& sut, const Layout& layout) {
  if (sut.contract_only()) return NextKernelsOfPort();
  std::vector<Start> starts = FullPages(layout);
  if (sut.restores()) std::ranges::move(NextKernelsOfCore(), std::back_inserter(starts));
  return starts;
}

// Of topologies: fewer objects, then fewer traits, then the names.
std::vector<std::uint64_t> OrderOf(const Topology& topology) {
  return Complexity({.profile = {}, .topology = topology, .commands = {}});
}

struct Answer {
  std::optional<Counterexample> best;
  std::size_t proved = 0;
  std::string_view start = {};
};

enum class Topologies : std::uint8_t { kAll, kPlain, kWithATrait };

bool IsAmong(const Topology& topology, Topologies topologies) {
  const bool plain = OrderOf(topology)[2] == 0;
  return topologies == Topologies::kAll || plain == (topologies == Topologies::kPlain);
}

// The simplest of the shortest in these topologies, of at most `limit` commands.
Answer SearchAll(Sut& sut, const ShortestOptions& options, Caller caller, std::optional<Rule> rule,
                 Topologies topologies, std::size_t limit, Purse& purse) {
  const bool of_port = sut.contract_only();
  const std::size_t every_topology = of_port ? kLimits.back() : kEveryTopology;
  Answer answer;
  for (const std::size_t depth : kLimits) {
    std::size_t at_most = std::min(depth, limit);
    for (const Topology& topology : of_port ? SmallTopologiesForPorts() : SmallTopologies()) {
      if (!IsAmong(topology, topologies)) continue;
      // Of equal length the simpler topology wins.
      const bool simpler =
          answer.best && OrderOf(topology) < OrderOf(answer.best->scenario.topology);
      const std::size_t length = answer.best && !simpler ? at_most - 1 : at_most;
      if (length == 0 || (depth > every_topology && OrderOf(topology)[2] != 0)) continue;
      const FromStart searched = SearchFrom(sut, options, caller, rule, {topology}, length, purse);
      if (searched.best) answer.best = searched.best;
      if (!searched.finished) return answer;
      if (!searched.best) continue;
      // the layout: it takes no call to show
      if (answer.best->scenario.commands.empty()) return answer;
      at_most = answer.best->scenario.commands.size();
    }
    if (answer.best) --at_most;
    if (depth > every_topology) at_most = std::min(at_most, every_topology);
    answer.proved = at_most;
    if (answer.best || depth >= limit) return answer;
  }
  return answer;
}

// For the caller who keeps the contract. A driver without an op, a device without a group: no
// machine that runs has them, and what goes wrong in one is the lesser defect, however short. A
// port meets no such thing: what its topologies have besides is of every machine.
struct Stage {
  Topologies topologies;
  std::size_t limit;
};
constexpr Stage kStages[] = {{Topologies::kPlain, kEveryTopology},
                             {Topologies::kWithATrait, kEveryTopology},
                             {Topologies::kPlain, kLimits.back()}};
constexpr Stage kStagesOfPorts[] = {{Topologies::kAll, kLimits.back()}};

// The same from far out: few calls are left to make there.
Answer SearchFarOut(Sut& sut, const std::vector<Start>& starts, const ShortestOptions& options,
                    Caller caller, Purse& purse) {
  constexpr std::size_t kBehind = 6;
  Answer answer;
  for (const Start& start : starts) {
    std::size_t limit = kBehind;
    if (answer.best) {
      const std::size_t best = answer.best->scenario.commands.size();
      limit = std::min(limit, best - std::min(start.prefix.size() + 1, best));
    }
    purse.limit = purse.edges + options.edges / 12;
    const FromStart searched = SearchFrom(sut, options, caller, options.rule, start, limit, purse);
    if (!searched.best || (answer.best && searched.best->scenario.commands.size() >=
                                              answer.best->scenario.commands.size()))
      continue;
    answer.best = searched.best;
    answer.start = start.name;
  }
  return answer;
}

}  // namespace

Shortest FindShortest(Sut& sut, const ShortestOptions& options) {
  Shortest result;
  ShortestOptions budget = options;
  budget.profile = WithOwedLayout(sut, options.profile);
  Purse purse = {.limit = options.edges / 2, .deadline = options.deadline};
  Answer answer;
  for (const Stage& stage :
       sut.contract_only() ? std::span<const Stage>(kStagesOfPorts) : kStages) {
    if (answer.best) break;
    answer = SearchAll(sut, budget, Caller::kKeepsTheContract, options.rule, stage.topologies,
                       stage.limit, purse);
  }
  std::vector<Caller> callers = {Caller::kKeepsTheContract};
  result.proved = result.proved_of_contract = answer.proved;
  if (!sut.contract_only()) {
    callers.push_back(Caller::kAny);
    const std::optional<Rule> rule = answer.best ? answer.best->divergence.rule : options.rule;
    const std::size_t found =
        answer.best ? answer.best->scenario.commands.size() : kLimits.back() + 1;
    const std::size_t limit = std::max<std::size_t>(found, 1) - 1;
    purse.limit = purse.edges + options.edges / 2;
    Answer any = SearchAll(sut, budget, Caller::kAny, rule, Topologies::kAll, limit, purse);
    result.proved = any.proved;
    if (any.best) answer.best = std::move(any.best);
  }
  for (const Caller caller : callers) {
    if (answer.best) break;
    answer = SearchFarOut(sut, FarOut(sut, budget.profile.layout), budget, caller, purse);
    result.start = answer.start;
  }
  result.out_of_time = purse.out_of_time;
  result.edges = purse.edges;
  result.found = std::move(answer.best);
  if (result.found) result.found->scenario.profile = options.profile;
  return result;
}

}  // namespace holdfast
