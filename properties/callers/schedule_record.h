// The schedule that a search is running, in memory that outlives its process. An implementation
// may end its process in any move. The record then says in which move of which schedule.
#ifndef HOLDFAST_PROPERTIES_CALLERS_SCHEDULE_RECORD_H_
#define HOLDFAST_PROPERTIES_CALLERS_SCHEDULE_RECORD_H_

#include <algorithm>
#include <array>
#include <cstddef>

#include "model/command.h"
#include "properties/callers/schedule.h"

namespace holdfast {

class ScheduleRecord {
 public:
  // Of one schedule. A longer one is cut off, and no schedule of a search is longer.
  static constexpr std::size_t kMostSetup = 16, kMostMoves = 4096;

  // The schedule's setup, and no move yet.
  void Begin(const Schedule& schedule) {
    setup_length_ = std::min(schedule.setup.size(), kMostSetup);
    std::copy_n(schedule.setup.begin(), setup_length_, setup_.begin());
    length_ = 0;
  }
  // The last of the schedule's moves is about to be made.
  void Add(const Schedule& schedule, int preemptions) {
    if (schedule.moves.size() > kMostMoves) return;
    length_ = schedule.moves.size();
    moves_[length_ - 1] = schedule.moves.back();
    preemptions_ = preemptions;
  }

  Schedule Recorded(const Profile& profile, const Topology& topology) const {
    return {profile,
            topology,
            {setup_.begin(), setup_.begin() + setup_length_},
            {moves_.begin(), moves_.begin() + length_}};
  }
  int preemptions() const { return preemptions_; }

 private:
  std::size_t setup_length_ = 0, length_ = 0;
  int preemptions_ = 0;
  std::array<Command, kMostSetup> setup_ = {};
  std::array<Move, kMostMoves> moves_ = {};
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_SCHEDULE_RECORD_H_
