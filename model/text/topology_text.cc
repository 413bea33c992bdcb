// Topologies: "iommu0(dev0 dev1:nonpci) iommu1:no-unpreserve(dev2) dom0 dom1:no-ops".
#include <algorithm>
#include <array>
#include <vector>

#include "model/text/scanner.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

constexpr std::array<std::string_view, kBusCount> kBuses = {"platform", "pci",    "amba",
                                                            "fsl-mc",   "host1x", "cdx"};

struct MissingOp {
  Op op;
  std::string_view trait;
};
constexpr MissingOp kIommuTraits[] = {{Op::kIommuPreserve, "no-preserve"},
                                      {Op::kIommuUnpreserve, "no-unpreserve"},
                                      {Op::kIommuPreserveDevice, "no-preserve-device"},
                                      {Op::kIommuUnpreserveDevice, "no-unpreserve-device"}};
constexpr MissingOp kDomainTraits[] = {{Op::kPtPreserve, "no-preserve"},
                                       {Op::kPtUnpreserve, "no-unpreserve"}};
constexpr std::uint8_t kAllDomainOps = OpBit(Op::kPtPreserve) | OpBit(Op::kPtUnpreserve);

// The first trait after a colon, the others after commas.
void AddTrait(std::string& object, std::string_view trait) {
  object += object.find(':') == std::string::npos ? ':' : ',';
  object += trait;
}

std::string PrintDevice(const Topology& topology, std::size_t index) {
  const Device& device = topology.devices[index];
  std::string text = "dev" + std::to_string(index);
  if (device.bus == Bus::kPlatform) {
    AddTrait(text, "nonpci");
  } else if (device.bus != Bus::kPci) {
    AddTrait(text, "bus=" + std::string(kBuses[static_cast<std::size_t>(device.bus)]));
  }
  if (!device.probed) AddTrait(text, "unprobed");
  if (device.group == kNone) {
    AddTrait(text, "no-group");
  } else if (device.group != index) {
    AddTrait(text, "group=dev" + std::to_string(device.group));
  }
  return text;
}

// Parses the whole line. Groups are resolved at the end, because the device that names a group may
// come later.
class TopologyParser {
 public:
  explicit TopologyParser(std::string_view text) : scanner_(text) {}

  Parsed<Topology> Parse() {
    scanner_.SkipBlanks();
    while (!scanner_.AtEnd()) {
      if (!TakeIommuOrDomain()) return scanner_.error();
      if (!scanner_.AtEnd() && !scanner_.TakeGap()) return scanner_.error();
    }
    if (!CheckIds("iommu", iommu_seen_) || !CheckIds("dev", device_seen_) ||
        !CheckIds("dom", domain_seen_) || !ResolveGroups()) {
      return scanner_.error();
    }
    return topology_;
  }

 private:
  struct GroupName {
    std::size_t at;
    std::uint8_t device, group;
  };

  bool TakeIommuOrDomain() {
    std::uint8_t id = 0;
    if (scanner_.PeekWord().starts_with("iommu")) {
      return TakeId("iommu", kMaxIommus, topology_.iommus, iommu_seen_, id) &&
             TakeMissingOps(kIommuTraits, 0, topology_.iommus[id].missing_ops) && TakeDevices(id);
    }
    if (scanner_.PeekWord().starts_with("dom")) {
      return TakeId("dom", kMaxDomains, topology_.domains, domain_seen_, id) &&
             TakeMissingOps(kDomainTraits, kAllDomainOps, topology_.domains[id].missing_ops);
    }
    return scanner_.Fail("an IOMMU or a domain, such as iommu0(dev0) or dom0");
  }

  bool TakeDevices(std::uint8_t iommu) {
    if (!scanner_.TakeIf('(')) return true;
    scanner_.SkipBlanks();
    while (!scanner_.TakeIf(')')) {
      std::uint8_t id = 0;
      if (!TakeId("dev", kMaxDevices, topology_.devices, device_seen_, id)) return false;
      topology_.devices[id].iommu = iommu;
      topology_.devices[id].group = id;
      if (!TakeDeviceTraits(id)) return false;
      if (scanner_.Peek() != ')' && !scanner_.SkipBlanks()) return scanner_.Fail("a blank or ')'");
    }
    return true;
  }

  // An id that was not there before; makes room for it.
  template <typename Object>
  bool TakeId(std::string_view kind, int limit, std::vector<Object>& objects,
              std::vector<bool>& seen, std::uint8_t& id) {
    const std::size_t at = scanner_.at();
    const std::string name(kind);
    const std::string range = name + "0 to " + name + std::to_string(limit - 1);
    const std::string_view word = scanner_.PeekWord();
    std::uint64_t number = 0;
    if (!word.starts_with(kind)) return scanner_.Fail("one of " + range);
    Scanner digits(word.substr(kind.size()));
    if (!digits.TakeNumber(0, static_cast<std::uint64_t>(limit - 1), "", number))
      return scanner_.Fail("one of " + range);
    scanner_.TakeWord();
    id = static_cast<std::uint8_t>(number);
    if (id < seen.size() && seen[id]) return scanner_.FailAt(at, "each " + name + " once");
    if (id >= objects.size()) objects.resize(id + 1u);
    if (id >= seen.size()) seen.resize(id + 1u);
    seen[id] = true;
    return true;
  }

  bool MoreTraits(bool first) { return scanner_.TakeIf(':') || (!first && scanner_.TakeIf(',')); }

  // `all_ops`: the ops of the trait "no-ops"; 0: there is no such trait.
  template <std::size_t kCount>
  bool TakeMissingOps(const MissingOp (&traits)[kCount], std::uint8_t all_ops,
                      std::uint8_t& missing_ops) {
    for (bool first = true; MoreTraits(first); first = false) {
      std::uint8_t ops = 0;
      const std::string_view word = scanner_.PeekWord();
      for (const MissingOp& entry : traits) {
        if (entry.trait == word) ops = OpBit(entry.op);
      }
      if (all_ops != 0 && word == "no-ops") ops = all_ops;
      if (ops == 0) {
        return scanner_.Fail(
            all_ops != 0 ? "a domain's trait: no-ops, no-preserve or no-unpreserve"
                         : "an IOMMU's trait: no-preserve, no-unpreserve, no-preserve-device or "
                           "no-unpreserve-device");
      }
      if (missing_ops & ops) return scanner_.Fail("each trait once");
      missing_ops |= ops;
      scanner_.TakeWord();
    }
    return true;
  }

  bool TakeDeviceTraits(std::uint8_t id) {
    constexpr unsigned kNothing = 0, kBus = 1, kGroup = 2, kProbe = 4;
    Device& device = topology_.devices[id];
    unsigned said = 0;
    for (bool first = true; MoreTraits(first); first = false) {
      const std::string_view word = scanner_.PeekWord();
      const unsigned about = word == "nonpci" || word == "bus"       ? kBus
                             : word == "no-group" || word == "group" ? kGroup
                             : word == "unprobed"                    ? kProbe
                                                                     : kNothing;
      if (about == kNothing)
        return scanner_.Fail("a device's trait: nonpci, bus=, unprobed, no-group or group=");
      if (said & about) return scanner_.Fail("one trait of a kind");
      said |= about;
      scanner_.TakeWord();
      if (word == "nonpci") device.bus = Bus::kPlatform;
      if (word == "unprobed") device.probed = false;
      if (word == "no-group") device.group = kNone;
      if (word == "bus" && !(scanner_.Take('=') && TakeBus(device.bus))) return false;
      if (word == "group" && !(scanner_.Take('=') && TakeGroup(id))) return false;
    }
    return true;
  }

  bool TakeGroup(std::uint8_t device) {
    GroupName name = {.at = scanner_.at(), .device = device, .group = 0};
    if (!scanner_.TakeObject("dev", kMaxDevices, name.group)) return false;
    groups_.push_back(name);
    return true;
  }

  bool TakeBus(Bus& bus) {
    const auto name = std::find(kBuses.begin(), kBuses.end(), scanner_.PeekWord());
    if (name == kBuses.end())
      return scanner_.Fail("a bus: pci, platform, amba, fsl-mc, host1x or cdx");
    bus = static_cast<Bus>(name - kBuses.begin());
    scanner_.TakeWord();
    return true;
  }

  bool CheckIds(std::string_view kind, const std::vector<bool>& seen) {
    const auto gap = std::find(seen.begin(), seen.end(), false);
    if (gap == seen.end()) return true;
    const std::string name(kind);
    return scanner_.Fail(name + std::to_string(gap - seen.begin()) + " too, because there is " +
                         name + std::to_string(seen.size() - 1));
  }

  bool ResolveGroups() {
    std::vector<Device>& devices = topology_.devices;
    for (const GroupName& name : groups_) devices[name.device].group = name.group;
    for (const GroupName& name : groups_) {
      if (name.group >= name.device || devices[name.group].group != name.group ||
          devices[name.group].iommu != devices[name.device].iommu) {
        return scanner_.FailAt(name.at, "the lowest device of a group behind the same IOMMU");
      }
    }
    return true;
  }

  Scanner scanner_;
  Topology topology_;
  std::vector<bool> iommu_seen_, device_seen_, domain_seen_;
  std::vector<GroupName> groups_;
};

}  // namespace

std::string PrintTopology(const Topology& topology) {
  std::string text;
  for (std::size_t i = 0; i < topology.iommus.size(); ++i) {
    std::string iommu = "iommu" + std::to_string(i);
    for (const MissingOp& entry : kIommuTraits) {
      if (!topology.iommus[i].Has(entry.op)) AddTrait(iommu, entry.trait);
    }
    std::string devices;
    for (std::size_t j = 0; j < topology.devices.size(); ++j) {
      if (topology.devices[j].iommu == i)
        devices += (devices.empty() ? "" : " ") + PrintDevice(topology, j);
    }
    if (!devices.empty()) iommu += "(" + devices + ")";
    text += (text.empty() ? "" : " ") + iommu;
  }
  for (std::size_t i = 0; i < topology.domains.size(); ++i) {
    std::string domain = "dom" + std::to_string(i);
    if (topology.domains[i].missing_ops == kAllDomainOps) {
      AddTrait(domain, "no-ops");
    } else {
      for (const MissingOp& entry : kDomainTraits) {
        if (!topology.domains[i].Has(entry.op)) AddTrait(domain, entry.trait);
      }
    }
    text += (text.empty() ? "" : " ") + domain;
  }
  return text;
}

Parsed<Topology> ParseTopology(std::string_view text) { return TopologyParser(text).Parse(); }

}  // namespace holdfast
