// A schedule of several callers: all that a run of calls at once depends on. Equal schedules give
// equal runs.
#ifndef HOLDFAST_PROPERTIES_CALLERS_SCHEDULE_H_
#define HOLDFAST_PROPERTIES_CALLERS_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "model/command.h"
#include "model/profile.h"
#include "model/topology.h"

namespace holdfast {

// One caller runs up to its next point: from the beginning of a new call, or from where it stands.
// Or it stops earlier, before the n-th plain access that it comes to (Callers::StopBefore).
struct Move {
  std::uint8_t caller = 0;
  std::optional<Command> begins = std::nullopt;
  std::uint32_t stops_before = 0;  // 0: no access

  bool operator==(const Move&) const = default;
};

struct Schedule {
  Profile profile;  // with the orchestrator in force
  Topology topology;
  std::vector<Command> setup;  // by one caller, before the others begin
  std::vector<Move> moves;

  bool operator==(const Schedule&) const = default;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_SCHEDULE_H_
