#include "properties/generate/swarm.h"

#include <cstddef>

namespace holdfast {
namespace {

constexpr VerbWeights kMix = {4, 3, 9, 5, 18, 12, 2, 2, 2, 4, 1, 1, 1, 1, 1, 1, 1};

// Without one of these nearly nothing else can happen.
bool IsEssential(Verb verb) {
  return verb == Verb::kPreserveFile || verb == Verb::kPreserveDomain ||
         verb == Verb::kPreserveDevice;
}

// One or two of `count` objects.
std::uint16_t Few(std::size_t count, Dice& dice) {
  return static_cast<std::uint16_t>(1u << dice.Below(count) | 1u << dice.Below(count));
}

}  // namespace

Swarm Everything() { return {.weights = kMix, .fault_percent = 15}; }

Swarm DrawSwarm(const Topology& topology, Dice& dice) {
  Swarm swarm = Everything();
  for (std::size_t verb = 0; verb < swarm.weights.size(); ++verb) {
    if (dice.Percent(IsEssential(static_cast<Verb>(verb)) ? 3 : 28)) swarm.weights[verb] = 0;
  }
  constexpr std::array<std::uint8_t, 4> kFaultPercents = {0, 8, 20, 45}, kOften = {22, 33, 32, 13};
  swarm.fault_percent = kFaultPercents[dice.Weighted(kOften)];
  if (dice.Percent(15))
    swarm.sites = static_cast<std::uint16_t>(Few(kFaultSiteCount - 1, dice) << 1);
  if (topology.devices.size() > 2 && dice.Percent(20))
    swarm.devices = Few(topology.devices.size(), dice);
  if (topology.domains.size() > 2 && dice.Percent(20))
    swarm.domains = static_cast<std::uint8_t>(Few(topology.domains.size(), dice));
  return swarm;
}

}  // namespace holdfast
