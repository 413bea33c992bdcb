// All schedules of callers at once in a bounded world, up to memories that are equal.
//
// The search runs every caller from every point that it reaches, with every call of the alphabet.
// It keeps a fingerprint of each memory: the kernel's, the stacks of the calls under way, and what
// can still be explained. A memory that comes again is not followed again, because equal memories
// have equal futures. So a search that ends has judged every schedule.
//
// This is the reduction, and there is no partial-order reduction. A partial-order reduction asks
// which accesses of two callers meet, and a mistake in a lock is an access of which nobody knew.
// Equal bytes need no such knowledge.
//
// With a bound on preemptions, a memory is known with the preemptions so far and the last caller.
// A *preemption* is a move of a caller while the last one could have gone on with its call.
#ifndef HOLDFAST_PROPERTIES_CALLERS_EXPLORE_CALLERS_H_
#define HOLDFAST_PROPERTIES_CALLERS_EXPLORE_CALLERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/command.h"
#include "model/profile.h"
#include "model/topology.h"
#include "properties/callers/schedule.h"
#include "properties/callers/schedule_record.h"
#include "properties/callers/suspects.h"
#include "properties/callers/together.h"
#include "properties/lockstep/deadline.h"
#include "sut/sut.h"

namespace holdfast {

struct CallersWorld {
  Profile profile;
  Topology topology;
  std::vector<Command> setup;
  std::vector<Command> alphabet;                  // of each call of each caller
  int callers = 2;                                // at most kMaxCallers
  int calls = 3;                                  // of each caller, at most
  int calls_in_all = kMaxCallers * 255;           // at most
  std::optional<int> preemptions = std::nullopt;  // at most; nullopt: any number
};

// The file side over one IOMMU, two devices and a domain: each call preserves or unpreserves one of
// them. One world for each setup that the callers can begin from: a file; a domain; a device. Where
// a call holds a reference on the FLB, three more worlds in which files come and go. None without
// live update, or if the orchestrator counts references that the profile does not put, or the
// reverse: a sequential run loses the FLB there already.
std::vector<CallersWorld> DefaultCallersWorlds(const Profile& profile);

struct Race {
  Schedule schedule;
  TogetherVerdict verdict;
};

struct CallersSearch {
  std::uint64_t memories = 0;
  std::uint64_t moves = 0;     // run
  std::uint64_t calls = 0;     // that ended, and were explained
  double schedules = 0;        // that the moves stand for
  bool complete = false;       // every schedule within the bounds was judged
  bool setup_differs = false;  // the sides differ before the callers begin
  std::optional<Race> race;    // the first that was met
};

struct CallersSearchOptions {
  Deadline deadline = {};
  ScheduleRecord* record = nullptr;  // hears of each move before it is made
  Suspects* suspects = nullptr;      // hear of each access
  bool stops_at_suspects = false;    // callers stop before each suspect access, too
};
CallersSearch ExploreCallers(Sut& sut, const CallersWorld& world,
                             const CallersSearchOptions& options = {});

// Any of the worlds has a race? The race with the fewest calls in all, of these one that shows
// without a stop at an access, and of these the one with the fewest preemptions. The counts are of
// the last searches: those that had no bound below the worlds' own.
CallersSearch FindRace(Sut& sut, const std::vector<CallersWorld>& worlds,
                       const Deadline& deadline = {}, ScheduleRecord* record = nullptr);

// The search of these worlds that wrote the record has ended its process so.
Race EndedRace(const ScheduleRecord& record, const std::vector<CallersWorld>& worlds,
               std::string ending);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_EXPLORE_CALLERS_H_
