// How far a driver port conforms: six levels. Each level supposes the levels before it.
//
// The level of a divergence is the first level that the divergence fails. A port without kexec can
// be tested up to the levels before kexec. The test then passes over divergences of later levels.
#ifndef HOLDFAST_PROPERTIES_CONFORMANCE_LEVELS_H_
#define HOLDFAST_PROPERTIES_CONFORMANCE_LEVELS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/scenario.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {

enum class Level : std::uint8_t {
  // what the ops return; no op warns, crashes, locks or sleeps where the op must not: R5 R10 R14
  // R15 R16
  kReturns,
  kState,       // the records: R1 R2 R3 R4 R6 R7 R9 R11
  kFaults,      // the same, after a call with a denied request
  kPages,       // which pages are preserved: R8
  kHandover,    // what the next kernel takes over: R12
  kContinuity,  // where DMA goes: R13
};
inline constexpr int kLevelCount = 6;

std::string_view LevelName(Level level);  // "returns"
std::optional<Level> FindLevel(std::string_view name);

Level LevelOf(const Scenario& scenario, const Divergence& divergence);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CONFORMANCE_LEVELS_H_
