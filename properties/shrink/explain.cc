#include "properties/shrink/explain.h"

#include <cstdint>
#include <optional>
#include <span>

#include "model/text/text.h"

namespace holdfast {
namespace {

// One plain object more, beside the one that the command names; nothing where the topology is full.
std::optional<std::uint8_t> AddDevice(Topology& topology, std::uint8_t like) {
  if (topology.devices.size() == kMaxDevices) return std::nullopt;
  Device device = topology.devices[like];
  const std::uint8_t added = static_cast<std::uint8_t>(topology.devices.size());
  if (device.group != kNone) device.group = added;
  topology.devices.push_back(device);
  return added;
}

std::optional<std::uint8_t> AddDomain(Topology& topology, std::uint8_t like) {
  if (topology.domains.size() == kMaxDomains) return std::nullopt;
  topology.domains.push_back(topology.domains[like]);
  return static_cast<std::uint8_t>(topology.domains.size() - 1);
}

}  // namespace

std::vector<std::string> WhatMayVary(Runner& runner, const Counterexample& counterexample) {
  const Scenario& scenario = counterexample.scenario;
  const auto is_it = [&divergence = counterexample.divergence](const Scenario&,
                                                               const Divergence& found) {
    return found.rule == divergence.rule && found.sides_differ == divergence.sides_differ;
  };
  const auto same = [&](const Scenario& other) {
    return runner.First(is_it, std::span(&other, 1)).has_value();
  };
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < scenario.commands.size(); ++i) {
    const Command& command = scenario.commands[i];
    const Operands operands = OperandsOf(command.verb);
    std::string what;
    const auto may = [&](const char* name) {
      what += std::string(what.empty() ? "any " : ", any ") + name;
    };
    if (operands.device) {
      Scenario other = scenario;
      const auto added = AddDevice(other.topology, command.device);
      if (added) other.commands[i].device = *added;
      if (added && same(other)) may("device");
    }
    if (operands.domain) {
      Scenario other = scenario;
      const auto added = AddDomain(other.topology, command.domain);
      if (added) other.commands[i].domain = *added;
      if (added && same(other)) may("domain");
    }
    if (command.fault.armed() && !ReturnsNull(command.fault.site)) {
      Scenario other = scenario;
      other.commands[i].fault.error = command.fault.error == -EIO ? -ENOSPC : -EIO;
      if (same(other)) may("error");
    }
    if (!what.empty())
      lines.push_back("call " + std::to_string(i + 1) + ", " + std::string(VerbName(command.verb)) +
                      ": " + what);
  }
  return lines;
}

}  // namespace holdfast
