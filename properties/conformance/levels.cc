#include "properties/conformance/levels.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace holdfast {
namespace {

constexpr std::array<std::string_view, kLevelCount> kNames = {"returns", "state",    "faults",
                                                              "pages",   "handover", "continuity"};

}  // namespace

std::string_view LevelName(Level level) { return kNames[static_cast<std::size_t>(level)]; }

std::optional<Level> FindLevel(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Level>(found - kNames.begin());
}

Level LevelOf(const Scenario& scenario, const Divergence& divergence) {
  // What a take-over leads to, a crash too, is asked of a port that has been taught kexec.
  const bool takes_over = divergence.command.fault.site == FaultSite::kTakeOver;
  switch (divergence.rule) {
    case Rule::kContinuity: return Level::kContinuity;
    case Rule::kHandover: return Level::kHandover;
    case Rule::kPages: return takes_over ? Level::kHandover : Level::kPages;
    default: break;
  }
  if (takes_over) return Level::kHandover;
  const std::size_t ran = std::min(divergence.step + 1, scenario.commands.size());
  const bool denied = std::any_of(
      scenario.commands.begin(), scenario.commands.begin() + static_cast<std::ptrdiff_t>(ran),
      [](const Command& command) {
        return command.fault.armed() && command.fault.site != FaultSite::kTakeOver;
      });
  if (denied) return Level::kFaults;
  switch (divergence.rule) {
    case Rule::kAtomic:
    case Rule::kLocks:
    case Rule::kLayout:
    case Rule::kQuiet:
    case Rule::kVisible: return Level::kReturns;
    default: return Level::kState;
  }
}

}  // namespace holdfast
