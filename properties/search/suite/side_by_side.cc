#include "properties/search/suite/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "properties/lockstep/runner.h"
#include "properties/search/suite/packed_result.h"
#include "sut/child.h"
#include "sut/ending.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

class SideBySide {
 public:
  SideBySide(const PartContext& context, const std::vector<Part>& parts, int jobs,
             const std::function<bool(PartResult)>& take)
      : context_(context), parts_(parts), jobs_(jobs), take_(take) {
    for (const Part& part : parts) count_ += part.blocks;
  }

  void RunHere() {
    while (ready_ < count_ && PutIn(RunBlock(ready_, context_.runner))) continue;
  }

  void RunInProcesses() {
    int deaths = 0;
    while (std::optional<Ending> death = RunFromReady()) {
      const std::string ending = PrintEnding(*death);
      if (++deaths == Runner::kMostDeaths)
        throw DeathsFromOutside(
            fmt::format("processes of the suite's own were ended {} times ({})", deaths, ending));
      WriteToUser(fmt::format(
          "holdfast: a process of the suite's own was ended ({}): its part is run again\n",
          ending));
    }
  }

 private:
  struct Place {
    std::size_t part = 0, block = 0;
  };

  Place PlaceOf(std::size_t number) const {
    std::size_t part = 0;
    for (; number >= parts_[part].blocks; ++part) number -= parts_[part].blocks;
    return {part, number};
  }

  // --- In the process of a block -----------------------------------------------------------------

  PartResult RunBlock(std::size_t number, Runner& runner) {
    const Place place = PlaceOf(number);
    const Part& part = parts_[place.part];
    double ahead = 0;
    for (std::size_t i = place.part; i < parts_.size(); ++i) ahead += parts_[i].share;
    const double share = std::min(1.0, jobs_ * part.share / ahead);
    PartContext context = {
        .runner = runner, .profile = context_.profile, .deadline = context_.deadline.Share(share)};
    if (part.blocks == 1) {
      context.progress = [&](const std::string& name, double done, std::uint64_t commands) {
        const bool begins = done == 0 && commands == 0;
        if (begins || *front_ == number) Show(name, done, commands);
      };
    }
    PartResult result = part.run(context, place.block);
    result.skips_crashes = runner.skips_crashes();
    return result;
  }

  std::string RunBlockApart(std::size_t number) {
    StandardStreams::KeepAnew();
    Runner runner(context_.runner.sut(), Runner::Where::kInChild, context_.runner.hardened());
    PartResult result = RunBlock(number, runner);
    result.output = StandardStreams::Kept();
    return PackResult(std::move(result));
  }

  // --- In the process of the whole ---------------------------------------------------------------

  // Runs the blocks that are not put in yet. If a block's process was ended, how.
  std::optional<Ending> RunFromReady() {
    std::map<std::size_t, std::string> waiting;  // results, for those before them
    std::optional<Ending> death;
    const std::size_t first = ready_;
    RunInChildren(
        count_ - first, jobs_, [&](std::size_t i) { return RunBlockApart(first + i); },
        [&](std::size_t i, const Ending& ending, std::string result) {
          if (ending.kind == Ending::Kind::kThrew) throw std::runtime_error(ending.report);
          if (ending.kind != Ending::Kind::kReturned) {
            death = ending;
            return false;
          }
          waiting.emplace(first + i, std::move(result));
          while (!waiting.empty() && waiting.begin()->first == ready_) {
            if (!PutIn(UnpackResult(waiting.begin()->second))) return false;
            waiting.erase(waiting.begin());
          }
          return true;
        });
    return death;
  }

  // The result of the block `ready_`. False: no further one is wanted.
  bool PutIn(PartResult result) {
    const Place place = PlaceOf(ready_);
    const Part& part = parts_[place.part];
    const bool diverges = result.diverges();
    // The time was over when it began. So it was for those behind it.
    const bool empty = part.blocks > 1 && result.cases == 0 && !diverges;
    if (place.block == 0) {
      whole_ = std::move(result);
    } else {
      whole_.Add(std::move(result));
    }
    *front_ = ++ready_;
    if (part.blocks > 1) ShowBlocks(place);
    if (!diverges && !empty && place.block + 1 < part.blocks) return true;
    return take_(std::exchange(whole_, {})) && !empty;
  }

  // --- Progress: a part of one block shows its own, if it is the one that is waited for ----------

  void Show(const std::string& name, double done, std::uint64_t commands) const {
    if (context_.progress) context_.progress(name, done, commands);
  }

  void ShowBlocks(const Place& place) const {
    if (place.block == 0) Show(whole_.name, 0, 0);
    const std::size_t blocks = parts_[place.part].blocks;
    const double done = blocks < kEndless
                            ? static_cast<double>(place.block + 1) / static_cast<double>(blocks)
                        : std::isfinite(time_) ? 1 - context_.deadline.left() / time_
                                               : 0;
    Show(whole_.name, done, whole_.tally.commands);
  }

  const PartContext& context_;
  const std::vector<Part>& parts_;
  const int jobs_;
  const std::function<bool(PartResult)>& take_;
  const double time_ = context_.deadline.left();
  std::size_t count_ = 0;                   // of the blocks
  std::size_t ready_ = 0;                   // of the blocks that were put in
  PartResult whole_;                        // of the part whose blocks are put in
  Shared<std::atomic<std::size_t>> front_;  // the same as ready_
};

}  // namespace

void RunSideBySide(const PartContext& context, const std::vector<Part>& parts, int jobs,
                   const std::function<bool(PartResult)>& take) {
  const bool here = context.runner.recorder() == nullptr;
  SideBySide suite(context, parts, here ? 1 : jobs, take);
  here ? suite.RunHere() : suite.RunInProcesses();
}

}  // namespace holdfast
