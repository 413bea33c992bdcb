#include "properties/callers/explore_callers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "properties/lockstep/fingerprint.h"

namespace holdfast {
namespace {

// A race that needs more of them has shown without a bound, and stays as it was found.
constexpr int kMostPreemptions = 20;

class Search {
 public:
  Search(Sut& sut, const CallersWorld& world, const CallersSearchOptions& options)
      : world_(world), options_(options), together_(sut) {
    schedule_ = {world.profile, world.topology, world.setup, {}};
    if (options_.record) options_.record->Begin(schedule_);
    if (options_.suspects) options_.suspects->ForgetPlaces();
  }

  CallersSearch Run() {
    if (!together_.Begin(schedule_)) {
      result_.setup_differs = true;
      return std::move(result_);
    }
    left_.fill(world_.calls);
    left_in_all_ = world_.calls_in_all;
    try {
      result_.schedules = Visit(0);
      result_.complete = !result_.race;
    } catch (const OutOfTime&) {
    }
    result_.memories = seen_.size();
    return std::move(result_);
  }

 private:
  // What a memory leaves out and the future depends on.
  struct Bounds {
    std::array<int, kMaxCallers> left;
    int left_in_all, preemptions, last;
  };

  std::vector<Move> Moves() const {
    std::vector<Move> moves;
    const auto add = [&](const Move& move) {
      if (!together_.Can(move)) return;
      if (world_.preemptions && together_.preemptions() == *world_.preemptions &&
          together_.Preempts(move))
        return;
      moves.push_back(move);
    };
    for (int caller = 0; caller < world_.callers; ++caller) {
      const auto number = static_cast<std::uint8_t>(caller);
      add({.caller = number});
      if (left_[number] == 0 || left_in_all_ == 0) continue;
      for (const Command& command : world_.alphabet) add({.caller = number, .begins = command});
    }
    return moves;
  }

  // The number of schedules from here on. Stops at the first race.
  double Visit(std::size_t depth) {
    options_.deadline.Check();
    if (together_.crashed()) return 1;
    if (depth == checkpoints_.size()) checkpoints_.push_back(std::make_unique<Checkpoint>());
    Together::Checkpoint& here = *checkpoints_[depth];
    together_.Save(here);
    const Bounds bounds = {left_, left_in_all_, world_.preemptions ? together_.preemptions() : 0,
                           world_.preemptions ? together_.last() : 0};
    Fingerprint key = together_.FingerprintOfNow(here);
    const Fingerprint of_bounds = FingerprintOf(std::as_bytes(std::span(&bounds, 1)));
    key.low += of_bounds.low;
    key.high += of_bounds.high;
    const auto [number, is_new] = seen_.Insert(key);
    if (!is_new) return schedules_from_[number];
    schedules_from_.push_back(0);

    double schedules = 0;
    const std::vector<Move> moves = Moves();
    for (std::size_t i = 0; i < moves.size(); ++i) {
      if (i != 0) together_.Restore(here);
      Move move = moves[i];
      std::uint32_t suspect = 0;
      schedules += Make(move, depth, &suspect);
      if (suspect != 0 && !result_.race) {
        together_.Restore(here);
        move.stops_before = suspect;
        schedules += Make(move, depth, nullptr);
      }
      if (result_.race) return 0;
    }
    return schedules_from_[number] = moves.empty() ? 1 : schedules;
  }

  // Of the accesses of the last move, the first suspect one, as Callers::StopBefore counts them.
  // The move began before a plain access, or not. 0: none is suspect.
  std::uint32_t FirstSuspect(bool from_access) const {
    std::uint32_t number = 0;
    bool first = from_access;
    for (const Access& access : together_.accesses()) {
      if (std::exchange(first, false) || access.marked) continue;
      ++number;
      if (options_.suspects->Has(access)) return number;
    }
    return 0;
  }

  // `suspect` is set to the first suspect access of the move, if callers stop at these.
  double Make(const Move& move, std::size_t depth, std::uint32_t* suspect) {
    const int begins = move.begins ? 1 : 0;
    left_[move.caller] -= begins;
    left_in_all_ -= begins;
    schedule_.moves.push_back(move);
    ++result_.moves;
    if (options_.record)
      options_.record->Add(schedule_, together_.preemptions() + together_.Preempts(move));
    const bool from_access = !move.begins && together_.AtPlainAccess(move.caller);
    double schedules = 0;
    const bool explained = together_.Run(move);
    result_.calls += !together_.under_way(move.caller);
    if (options_.suspects) options_.suspects->Note(move.caller, together_.accesses());
    if (suspect && options_.stops_at_suspects) *suspect = FirstSuspect(from_access);
    if (explained) {
      schedules = Visit(depth + 1);
    } else {
      result_.race = {schedule_, *together_.verdict()};
    }
    schedule_.moves.pop_back();
    left_[move.caller] += begins;
    left_in_all_ += begins;
    return schedules;
  }

  using Checkpoint = Together::Checkpoint;

  const CallersWorld& world_;
  const CallersSearchOptions& options_;
  Schedule schedule_;
  Together together_;
  std::array<int, kMaxCallers> left_ = {};  // calls that each caller may still begin
  int left_in_all_ = 0;
  FingerprintSet seen_;
  std::vector<double> schedules_from_;
  std::vector<std::unique_ptr<Checkpoint>> checkpoints_;  // by depth
  CallersSearch result_;
};

// All worlds with at most so many calls in all.
CallersSearch FewestPreemptions(Sut& sut, const std::vector<CallersWorld>& worlds, int calls,
                                const CallersSearchOptions& options) {
  CallersSearch sum;
  sum.complete = true;
  for (CallersWorld world : worlds) {
    world.calls_in_all = std::min(world.calls_in_all, calls);
    CallersSearch found = ExploreCallers(sut, world, options);
    const int most = world.preemptions.value_or(kMostPreemptions);
    for (int preemptions = 0; found.race && preemptions <= most; ++preemptions) {
      world.preemptions = preemptions;
      CallersSearch bounded = ExploreCallers(sut, world, options);
      if (!bounded.race && bounded.complete) continue;
      if (bounded.race) found.race = std::move(bounded.race);
      break;
    }
    sum.memories += found.memories;
    sum.moves += found.moves;
    sum.calls += found.calls;
    sum.schedules += found.schedules;
    sum.complete = sum.complete && found.complete;
    sum.setup_differs = sum.setup_differs || found.setup_differs;
    sum.race = std::move(found.race);
    // In a run of its own, so that it is told as a replay tells it.
    if (sum.race) sum.race->verdict = *RunSchedule(sut, sum.race->schedule);
    if (sum.race || !sum.complete) break;
  }
  return sum;
}

}  // namespace

std::vector<CallersWorld> DefaultCallersWorlds(const Profile& profile) {
  const bool counts = profile.luo == Luo::kStageC;
  if (!profile.config_enabled || profile.luo == Luo::kOff || counts != profile.puts_flb) return {};
  CallersWorld world;
  world.profile = profile;
  world.topology = MakeTopology(1, 2, 1);
  world.alphabet = {PreserveDomain(0),    UnpreserveDomain(0),    PreserveDevice(0, 0),
                    PreserveDevice(0, 1), UnpreserveDevice(0, 0), UnpreserveDevice(0, 1)};
  std::vector<CallersWorld> worlds;
  for (const Command& command : {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)}) {
    world.setup.push_back(command);
    worlds.push_back(world);
  }
  if (!profile.puts_flb) return worlds;
  // Files come and go under a call that holds a reference on the FLB. The reference keeps the FLB
  // for the next call of another caller too, and the model knows no such moment: one call each.
  world.calls = 1;
  world.alphabet = {PreserveFile(), UnpreserveFile(), PreserveDomain(0), UnpreserveDomain(0),
                    PreserveDevice(0, 0)};
  world.setup.clear();
  for (const Command& command : {PreserveFile(), PreserveDomain(0)}) {
    worlds.push_back(world);
    world.setup.push_back(command);
  }
  worlds.push_back(world);
  return worlds;
}

CallersSearch ExploreCallers(Sut& sut, const CallersWorld& world,
                             const CallersSearchOptions& options) {
  return Search(sut, world, options).Run();
}

CallersSearch FindRace(Sut& sut, const std::vector<CallersWorld>& worlds, const Deadline& deadline,
                       ScheduleRecord* record) {
  int most_calls = 0;
  for (const CallersWorld& world : worlds)
    most_calls = std::max(most_calls, std::min(world.callers * world.calls, world.calls_in_all));
  Suspects suspects;
  const CallersSearchOptions at_points = {
      .deadline = deadline, .record = record, .suspects = &suspects};
  CallersSearchOptions at_accesses = at_points;
  at_accesses.stops_at_suspects = true;
  CallersSearch search;
  for (int calls = 1; calls <= most_calls; ++calls) {
    search = FewestPreemptions(sut, worlds, calls, at_points);
    // A search that stops at suspects may find more of them.
    for (std::size_t known = 0; !search.race && search.complete && suspects.size() != known;) {
      known = suspects.size();
      search = FewestPreemptions(sut, worlds, calls, at_accesses);
    }
    if (search.race || !search.complete) break;
  }
  return search;
}

Race EndedRace(const ScheduleRecord& record, const std::vector<CallersWorld>& worlds,
               std::string ending) {
  const CallersWorld& any = worlds.front();
  Race race = {record.Recorded(any.profile, any.topology), {}};
  TogetherVerdict& verdict = race.verdict;
  verdict.why = TogetherVerdict::Why::kEnded;
  verdict.rule = Rule::kQuiet;
  verdict.rules = RuleBit(verdict.rule);
  verdict.preemptions = record.preemptions();
  verdict.ending = std::move(ending);
  for (std::size_t move = 0; move < race.schedule.moves.size(); ++move) {
    const Move& made = race.schedule.moves[move];
    if (made.begins)
      verdict.calls.push_back({.caller = made.caller, .command = *made.begins, .began = move});
  }
  return race;
}

}  // namespace holdfast
