#include "properties/shrink/explain.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

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

// "call 3", "calls 1, 3 to 5, 7, ... (56 calls)".
std::string PrintNumbers(const std::vector<std::size_t>& numbers) {
  constexpr int kShown = 6;
  std::string text = numbers.size() == 1 ? "call " : "calls ";
  int shown = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t first = numbers[i];
    while (i + 1 < numbers.size() && numbers[i + 1] == numbers[i] + 1) ++i;
    if (shown++ != 0) text += ", ";
    if (shown > kShown) return text + "... (" + std::to_string(numbers.size()) + " calls)";
    text += std::to_string(first);
    if (numbers[i] != first)
      text += (numbers[i] == first + 1 ? ", " : " to ") + std::to_string(numbers[i]);
  }
  return text;
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
  // Equal words are one line for all calls that have them.
  std::vector<std::pair<std::string, std::vector<std::size_t>>> words;
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
    if (what.empty()) continue;
    const std::string word = std::string(VerbName(command.verb)) + ": " + what;
    const auto same_word = std::ranges::find(words, word, &decltype(words)::value_type::first);
    if (same_word == words.end()) {
      words.push_back({word, {i + 1}});
    } else {
      same_word->second.push_back(i + 1);
    }
  }
  std::vector<std::string> lines;
  for (const auto& [word, calls] : words) lines.push_back(PrintNumbers(calls) + ", " + word);
  return lines;
}

}  // namespace holdfast
