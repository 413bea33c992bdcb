#include "properties/search/endurance.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "model/explore/world.h"
#include "properties/lockstep/lockstep.h"
#include "properties/generate/turn.h"

namespace holdfast {
namespace {

// Turns between two calls of the progress callback.
constexpr std::uint64_t kBatch = 500;

struct Life {
  std::vector<Command> way;  // to where the turns begin
  std::vector<Command> turn;
  std::uint64_t turns = 0;
};

std::vector<Life> MakeLives(const World& plain, const Profile& profile) {
  const auto turn = [&](const World& world) {
    State state = InitialState(world.topology);
    return MakeTurn(world, profile, state);
  };
  return {{{}, turn(plain), 70'000},
          {{}, turn(MakeWorld({1, 1, 1}, AspectBit(Aspect::kFaults))), 2'000},
          {{PreserveFile()},
           {PreserveDomain(0), PreserveDevice(0, 0), UnpreserveDevice(0, 0), UnpreserveDomain(0)},
           2'000}};
}

class Endurance {
 public:
  Endurance(Sut& sut, const EnduranceOptions& options)
      : options_(options), lockstep_(sut), lives_(MakeLives(world_, options.profile)) {
    lockstep_.set_hardened(options.hardened);
    lockstep_.set_recorder(options.recorder);
    lockstep_.set_deadline(options.deadline);
    for (const Life& life : lives_) result_.total += life.turns;
  }

  EnduranceResult Run() {
    try {
      for (const Life& life : lives_) {
        if (!Live(life)) break;
      }
    } catch (const OutOfTime&) {
      result_.finished = false;
    } catch (const Exhausted&) {
      result_.finished = false;
    }
    result_.tally = lockstep_.tally();
    return std::move(result_);
  }

 private:
  // False: the sides differ.
  bool Live(const Life& life) {
    lockstep_.Begin(world_.topology, options_.profile);
    bool conforms = !lockstep_.divergence() && Run(life.way, life, 0);
    for (std::uint64_t turn = 0; conforms && turn < life.turns; ++turn) {
      conforms = Run(life.turn, life, turn);
      if (++result_.turns % kBatch == 0 && options_.progress) {
        options_.progress(static_cast<double>(result_.turns) / static_cast<double>(result_.total),
                          lockstep_.tally().commands);
      }
    }
    if (conforms && !lockstep_.TearDown()) {
      conforms = false;
      Diverge(life, life.turns, 0);
    }
    lockstep_.CountCase();
    return conforms;
  }

  bool Run(const std::vector<Command>& commands, const Life& life, std::uint64_t turn) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (lockstep_.Run(commands[i])) continue;
      Diverge(life, &commands == &life.way ? 0 : turn, &commands == &life.way ? 0 : i + 1);
      return false;
    }
    return true;
  }

  // After so many turns, and so many calls of the next one.
  void Diverge(const Life& life, std::uint64_t turns, std::size_t calls) {
    Scenario scenario = {options_.profile, world_.topology, life.way};
    for (std::uint64_t turn = 0; turn < turns; ++turn)
      scenario.commands.insert(scenario.commands.end(), life.turn.begin(), life.turn.end());
    scenario.commands.insert(scenario.commands.end(), life.turn.begin(),
                             life.turn.begin() + static_cast<std::ptrdiff_t>(calls));
    result_.counterexample = {std::move(scenario), *lockstep_.divergence()};
  }

  const EnduranceOptions& options_;
  const World world_ = MakeWorld({1, 1, 1}, 0);
  Lockstep lockstep_;
  const std::vector<Life> lives_;
  EnduranceResult result_;
};

}  // namespace

EnduranceResult Endure(Sut& sut, const EnduranceOptions& options) {
  return Endurance(sut, options).Run();
}

}  // namespace holdfast
