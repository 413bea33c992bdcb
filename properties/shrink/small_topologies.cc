#include "properties/shrink/small_topologies.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "model/scenario.h"
#include "properties/shrink/simplify.h"

namespace holdfast {
namespace {

struct Size {
  int iommus, devices, domains;
};

// No more IOMMUs than one without a device, no device without an IOMMU.
constexpr std::array kSizes = {Size{0, 0, 0}, Size{1, 0, 0}, Size{0, 0, 1}, Size{1, 1, 0},
                               Size{1, 1, 1}, Size{0, 0, 2}, Size{2, 1, 0}, Size{1, 2, 0},
                               Size{1, 2, 1}, Size{2, 2, 1}, Size{1, 1, 2}, Size{1, 3, 1}};
// Deeper than any other plain one: what only a crowd of devices shows.
constexpr Size kCrowd = {1, 4, 1};

// The topology with one trait of its first object of each kind, each in turn.
void AddTraits(const Topology& plain, std::vector<Topology>& topologies) {
  const auto add = [&](auto change) {
    Topology topology = plain;
    change(topology);
    topologies.push_back(topology);
  };
  if (!plain.devices.empty()) {
    for (const Bus bus : {Bus::kPlatform, Bus::kAmba, Bus::kFslMc, Bus::kHost1x, Bus::kCdx}) {
      add([bus](Topology& topology) { topology.devices[0].bus = bus; });
    }
    add([](Topology& topology) { topology.devices[0].probed = false; });
    add([](Topology& topology) { topology.devices[0].group = kNone; });
    for (const Op op : {Op::kIommuPreserve, Op::kIommuUnpreserve, Op::kIommuPreserveDevice,
                        Op::kIommuUnpreserveDevice}) {
      add([op](Topology& topology) { topology.iommus[0].missing_ops = OpBit(op); });
    }
  }
  if (!plain.domains.empty()) {
    for (const Op op : {Op::kPtPreserve, Op::kPtUnpreserve}) {
      add([op](Topology& topology) { topology.domains[0].missing_ops = OpBit(op); });
    }
  }
}

std::vector<Topology> Make() {
  std::vector<Topology> topologies;
  for (const Size& size : kSizes) {
    const Topology plain = MakeTopology(size.iommus, size.devices, size.domains);
    topologies.push_back(plain);
    if (size.iommus + size.devices + size.domains <= 3 && size.iommus < 2)
      AddTraits(plain, topologies);
    if (size.iommus == 1 && size.devices == 2) {
      Topology group = plain;
      group.devices[1].group = 0;
      topologies.push_back(group);
    }
    // the walk goes on to another bus
    if (size.iommus == 1 && size.devices == 2 && size.domains == 0) {
      for (const Bus bus : {Bus::kPlatform, Bus::kAmba}) {
        Topology buses = plain;
        buses.devices[bus == Bus::kPlatform ? 0 : 1].bus = bus;
        topologies.push_back(buses);
      }
    }
  }
  topologies.push_back(MakeTopology(kCrowd.iommus, kCrowd.devices, kCrowd.domains));
  // Traits last: most defects need none, and each trait is another search.
  std::stable_sort(topologies.begin(), topologies.end(), [](const Topology& a, const Topology& b) {
    const auto x = Complexity({.profile = {}, .topology = a, .commands = {}});
    const auto y = Complexity({.profile = {}, .topology = b, .commands = {}});
    return std::tie(x[2], x[1], x[4]) < std::tie(y[2], y[1], y[4]);
  });
  return topologies;
}

std::vector<Topology> MakeForPorts() {
  std::vector<Topology> topologies;
  for (const Size& size : kSizes) {
    topologies.push_back(MakeTopology(size.iommus, size.devices, size.domains));
    if (size.iommus != 1 || size.devices == 0 || size.devices > 2) continue;
    topologies.push_back(topologies.back());
    topologies.back().devices.back().bus = Bus::kPlatform;
  }
  topologies.push_back(MakeTopology(1, 2, 2));
  topologies.push_back(MakeTopology(1, 5, 1));
  std::stable_sort(topologies.begin(), topologies.end(), [](const Topology& a, const Topology& b) {
    const auto x = Complexity({.profile = {}, .topology = a, .commands = {}});
    const auto y = Complexity({.profile = {}, .topology = b, .commands = {}});
    return std::tie(x[1], x[2], x[4]) < std::tie(y[1], y[2], y[4]);
  });
  return topologies;
}

}  // namespace

std::span<const Topology> SmallTopologiesForPorts() {
  static const std::vector<Topology> topologies = MakeForPorts();
  return topologies;
}

std::span<const Topology> SmallTopologies() {
  static const std::vector<Topology> topologies = Make();
  return topologies;
}

}  // namespace holdfast
