#include "properties/shrink/simplify.h"

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

using Kind = Edit::Kind;

bool SameObject(const Command& a, const Command& b) {
  const Operands operands = OperandsOf(a.verb);
  if (operands.device) return a.device == b.device;
  return !operands.domain || a.domain == b.domain;
}

// Takes devices out; the others move up, and groups are named anew by their lowest device.
void RemoveDevices(Scenario& scenario, const std::vector<bool>& removed) {
  std::vector<Device>& devices = scenario.topology.devices;
  std::vector<std::uint8_t> position(devices.size(), kNone);
  std::vector<std::uint8_t> lowest(devices.size(), kNone);  // by old group
  std::vector<Device> kept;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (removed[i]) continue;
    position[i] = static_cast<std::uint8_t>(kept.size());
    Device device = devices[i];
    if (device.group != kNone) {
      std::uint8_t& name = lowest[device.group];
      if (name == kNone) name = position[i];
      device.group = name;
    }
    kept.push_back(device);
  }
  std::erase_if(scenario.commands, [&](Command& command) {
    if (!OperandsOf(command.verb).device) return false;
    command.device = position[command.device];
    return command.device == kNone;
  });
  devices = std::move(kept);
}

void RemoveIommu(Scenario& scenario, std::size_t iommu) {
  std::vector<bool> removed;
  for (const Device& device : scenario.topology.devices) removed.push_back(device.iommu == iommu);
  RemoveDevices(scenario, removed);
  for (Device& device : scenario.topology.devices) device.iommu -= device.iommu > iommu;
  std::erase_if(scenario.commands, [&](Command& command) {
    if (!OperandsOf(command.verb).iommu) return false;
    if (command.iommu == iommu) return true;
    command.iommu -= command.iommu > iommu;
    return false;
  });
  scenario.topology.iommus.erase(scenario.topology.iommus.begin() +
                                 static_cast<std::ptrdiff_t>(iommu));
}

void RemoveDomain(Scenario& scenario, std::size_t domain) {
  std::erase_if(scenario.commands, [&](Command& command) {
    if (!OperandsOf(command.verb).domain) return false;
    if (command.domain == domain) return true;
    command.domain -= command.domain > domain;
    return false;
  });
  scenario.topology.domains.erase(scenario.topology.domains.begin() +
                                  static_cast<std::ptrdiff_t>(domain));
}

// A device on its own in its group, and its old group without it.
void LeaveGroup(Topology& topology, std::size_t device) {
  const std::uint8_t old = topology.devices[device].group;
  topology.devices[device].group = static_cast<std::uint8_t>(device);
  if (old != device) return;
  std::uint8_t name = kNone;
  for (std::size_t i = device + 1; i < topology.devices.size(); ++i) {
    std::uint8_t& group = topology.devices[i].group;
    if (group != old) continue;
    if (name == kNone) name = static_cast<std::uint8_t>(i);
    group = name;
  }
}

void RenameAll(Scenario& scenario, bool Operands::* operand, std::uint8_t Command::* field,
               std::size_t from, std::size_t to) {
  for (Command& command : scenario.commands) {
    if (OperandsOf(command.verb).*operand && command.*field == from)
      command.*field = static_cast<std::uint8_t>(to);
  }
}

void Change(Scenario& scenario, const Edit& edit) {
  Topology& topology = scenario.topology;
  std::vector<Command>& commands = scenario.commands;
  const auto at = [&](std::size_t i) { return commands.begin() + static_cast<std::ptrdiff_t>(i); };
  switch (edit.kind) {
    case Kind::kRemoveRange: commands.erase(at(edit.a), at(edit.b)); return;
    case Kind::kRemovePair:
      commands.erase(at(edit.b));
      commands.erase(at(edit.a));
      return;
    case Kind::kRemoveIommu: return RemoveIommu(scenario, edit.a);
    case Kind::kRemoveDevice: {
      std::vector<bool> removed(topology.devices.size());
      removed[edit.a] = true;
      return RemoveDevices(scenario, removed);
    }
    case Kind::kRemoveDomain: return RemoveDomain(scenario, edit.a);
    case Kind::kDropFault: commands[edit.a].fault = Fault(); return;
    case Kind::kPlainFault:
      commands[edit.a].fault = Fault{.site = commands[edit.a].fault.site};
      return;
    case Kind::kShallowFault:
      commands[edit.a].fault =
          Fault{.site = commands[edit.a].fault.site, .depth = static_cast<std::uint8_t>(edit.b)};
      return;
    case Kind::kDropStop: commands[edit.a].stop = 0; return;
    case Kind::kPlainIommu: topology.iommus[edit.a].missing_ops = 0; return;
    case Kind::kPlainDomain: topology.domains[edit.a].missing_ops = 0; return;
    case Kind::kPlainDevice:
      LeaveGroup(topology, edit.a);
      topology.devices[edit.a].bus = Bus::kPci;
      topology.devices[edit.a].probed = true;
      return;
    case Kind::kMoveDevice:
      LeaveGroup(topology, edit.a);
      topology.devices[edit.a].iommu = static_cast<std::uint8_t>(edit.b);
      return;
    case Kind::kMergeDevice:
      return RenameAll(scenario, &Operands::device, &Command::device, edit.a, edit.b);
    case Kind::kMergeDomain:
      return RenameAll(scenario, &Operands::domain, &Command::domain, edit.a, edit.b);
    case Kind::kRenameDevice: commands[edit.a].device = static_cast<std::uint8_t>(edit.b); return;
    case Kind::kRenameDomain: commands[edit.a].domain = static_cast<std::uint8_t>(edit.b); return;
  }
}

bool IsPlain(const Device& device, std::size_t index) {
  return device.is_pci() && device.probed && device.group == index;
}

void AddRanges(std::size_t count, std::vector<Edit>& edits) {
  for (std::size_t length = count / 2; length > 1; length /= 2) {
    for (std::size_t end = count; end >= length; end -= length)
      edits.push_back({Kind::kRemoveRange, end - length, end});
  }
}

// From the end: what comes last is most often not needed.
void AddSingles(std::size_t count, std::vector<Edit>& edits) {
  for (std::size_t i = count; i-- > 0;) edits.push_back({Kind::kRemoveRange, i, i + 1});
}

void AddPairs(const std::vector<Command>& commands, std::vector<Edit>& edits) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::optional<Verb> undo = InverseOf(commands[i].verb);
    if (!undo) continue;
    for (std::size_t j = i + 1; j < commands.size(); ++j) {
      if (commands[j].verb != *undo || !SameObject(commands[i], commands[j])) continue;
      edits.push_back({Kind::kRemovePair, i, j});
      break;
    }
  }
}

}  // namespace

std::vector<Edit> EditsOf(const Scenario& scenario) {
  const Topology& topology = scenario.topology;
  const std::vector<Command>& commands = scenario.commands;
  std::vector<Edit> edits;
  AddRanges(commands.size(), edits);
  for (std::size_t i = topology.iommus.size(); i-- > 0;)
    edits.push_back({Kind::kRemoveIommu, i, 0});
  for (std::size_t i = topology.devices.size(); i-- > 0;)
    edits.push_back({Kind::kRemoveDevice, i, 0});
  for (std::size_t i = topology.domains.size(); i-- > 0;)
    edits.push_back({Kind::kRemoveDomain, i, 0});
  AddSingles(commands.size(), edits);
  AddPairs(commands, edits);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (commands[i].fault.armed()) edits.push_back({Kind::kDropFault, i, 0});
    if (commands[i].fault.armed()) edits.push_back({Kind::kPlainFault, i, 0});
    for (std::size_t depth = 1; depth <= commands[i].fault.depth; ++depth)
      edits.push_back({Kind::kShallowFault, i, depth});
    if (commands[i].stop != 0) edits.push_back({Kind::kDropStop, i, 0});
  }
  for (std::size_t i = 0; i < topology.iommus.size(); ++i) {
    if (topology.iommus[i].missing_ops != 0) edits.push_back({Kind::kPlainIommu, i, 0});
  }
  for (std::size_t i = 0; i < topology.domains.size(); ++i) {
    if (topology.domains[i].missing_ops != 0) edits.push_back({Kind::kPlainDomain, i, 0});
  }
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    if (!IsPlain(topology.devices[i], i)) edits.push_back({Kind::kPlainDevice, i, 0});
    for (std::size_t j = 0; j < topology.devices[i].iommu; ++j)
      edits.push_back({Kind::kMoveDevice, i, j});
  }
  for (std::size_t i = 1; i < topology.devices.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) edits.push_back({Kind::kMergeDevice, i, j});
  }
  for (std::size_t i = 1; i < topology.domains.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) edits.push_back({Kind::kMergeDomain, i, j});
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Operands operands = OperandsOf(commands[i].verb);
    for (std::size_t j = 0; operands.device && j < commands[i].device; ++j)
      edits.push_back({Kind::kRenameDevice, i, j});
    for (std::size_t j = 0; operands.domain && j < commands[i].domain; ++j)
      edits.push_back({Kind::kRenameDomain, i, j});
  }
  return edits;
}

std::optional<Scenario> Apply(const Scenario& scenario, const Edit& edit) {
  Scenario simpler = scenario;
  Change(simpler, edit);
  const bool fits =
      std::all_of(simpler.commands.begin(), simpler.commands.end(),
                  [&](const Command& command) { return Fits(command, simpler.topology); });
  if (!fits || !simpler.topology.Valid() || !(Complexity(simpler) < Complexity(scenario)))
    return std::nullopt;
  return simpler;
}

std::vector<Scenario> Simplifications(const Scenario& scenario) {
  std::vector<Scenario> simpler;
  for (const Edit& edit : EditsOf(scenario)) {
    if (std::optional<Scenario> result = Apply(scenario, edit))
      simpler.push_back(*std::move(result));
  }
  return simpler;
}

std::vector<std::uint64_t> Complexity(const Scenario& scenario) {
  const Topology& topology = scenario.topology;
  std::uint64_t traits = 0, faults = 0, names = 0;
  for (const Iommu& iommu : topology.iommus) traits += iommu.missing_ops != 0;
  for (const Domain& domain : topology.domains) traits += domain.missing_ops != 0;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    const Device& device = topology.devices[i];
    traits += !device.is_pci() + !device.probed + (device.group != i);
    names += device.iommu;
  }
  for (const Command& command : scenario.commands) {
    const Operands operands = OperandsOf(command.verb);
    if (operands.device) names += command.device;
    if (operands.domain) names += command.domain;
    if (operands.iommu) names += command.iommu;
    faults += command.stop != 0;
    if (!command.fault.armed()) continue;
    faults += 2u + (command.fault.nth != 1) + (command.fault.error != Fault().error) +
              command.fault.depth;
  }
  return {scenario.commands.size(),
          topology.iommus.size() + topology.devices.size() + topology.domains.size(), traits,
          faults, names};
}

}  // namespace holdfast
