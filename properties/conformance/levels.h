// How far a driver port conforms: six levels, each of which supposes those before it.
//
// The level of a divergence is the first at which the port fails because of it. A port that has not
// been taught kexec yet can be asked for the levels before that, and the divergences beyond are
// passed over.
#ifndef HOLDFAST_PROPERTIES_CONFORMANCE_LEVELS_H_
#define HOLDFAST_PROPERTIES_CONFORMANCE_LEVELS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/scenario.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {

enum class Level : std::uint8_t {
  // what the ops return, and that they neither warn, crash, lock nor sleep where they must not: R5
  // R10 R14 R15 R16
  kReturns,
  kState,       // the records: R1 R2 R3 R4 R6 R7 R9 R11
  kFaults,      // the same after a call in which something was denied
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
