#include "properties/search/campaign.h"

#include <chrono>
#include <cstddef>
#include <utility>

#include "properties/lockstep/lockstep.h"

namespace holdfast {
namespace {

// Cases between two calls of the progress callback.
constexpr std::uint64_t kBatch = 64;

// One case. False at a divergence.
bool RunCase(Lockstep& lockstep, const Scenario& scenario, Coverage& coverage, Hazards& hazards) {
  // by an earlier command: that the next one is a crash too is no witness
  bool crashed = false;
  const auto visit = [&](std::size_t i) {
    if (!crashed) coverage.Add(scenario.commands[i], lockstep.outcome());
    crashed = lockstep.state().crashed;
    if (lockstep.hazards() != 0)
      hazards.Add(lockstep.hazards(), lockstep.breaches(), scenario, i + 1, false);
  };
  if (!RunCommands(lockstep, scenario, visit) || !lockstep.TearDown()) return false;
  if (lockstep.hazards() != 0) {
    hazards.Add(lockstep.hazards(), lockstep.breaches(), scenario, scenario.commands.size(), true);
  }
  return true;
}

}  // namespace

Mode ModeOfCase(const CampaignOptions& options, std::uint64_t index) {
  return options.modes[static_cast<std::size_t>(index % options.modes.size())];
}

std::uint64_t NumberOfCase(const CampaignOptions& options, std::uint64_t index) {
  return index / options.modes.size();
}

CampaignResult RunCampaign(Sut& sut, const CampaignOptions& options) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  CampaignResult result;
  Lockstep lockstep(sut);
  lockstep.set_hardened(options.hardened);
  lockstep.set_recorder(options.recorder);
  lockstep.set_deadline(options.deadline);
  // Its layout decides how many slots fill a page, which some scenarios do.
  const Profile profile = WithSidesOf(sut, InForce(options.profile, sut.layout()));
  std::array<std::optional<Cases>, 2> cases_of;  // by Mode
  while (options.cases == 0 || result.cases < options.cases) {
    const std::uint64_t index = options.first_case + result.cases;
    const Mode mode = ModeOfCase(options, index);
    std::optional<Cases>& cases = cases_of[static_cast<std::size_t>(mode)];
    if (!cases)
      cases.emplace(profile, mode, options.seed, NumberOfCase(options, index), options.generator);
    Scenario scenario = cases->Next();
    if (sut.contract_only()) DeepenFaults(options.seed, index, scenario);
    bool conforms = false;
    try {
      conforms = RunCase(lockstep, scenario, result.coverage[static_cast<std::size_t>(mode)],
                         result.hazards);
    } catch (const OutOfTime&) {
      break;
    }
    ++result.cases;
    lockstep.CountCase();
    if (!conforms) {
      result.case_index = index;
      const Divergence& divergence = *lockstep.divergence();
      const std::size_t ran = divergence.step + (divergence.moment == Divergence::Moment::kCommand);
      if (ran < scenario.commands.size()) scenario.commands.resize(ran);
      result.counterexample = {std::move(scenario), divergence};
      break;
    }
    if (options.commands != 0 && lockstep.tally().commands >= options.commands) break;
    if (options.progress && result.cases % kBatch == 0)
      options.progress({result.cases, lockstep.tally().commands});
  }
  result.seconds = elapsed();
  result.tally = lockstep.tally();
  return result;
}

}  // namespace holdfast
