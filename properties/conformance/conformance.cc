#include "properties/conformance/conformance.h"

#include <cstdlib>

#include "properties/generate/rapidcheck.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/runner.h"

namespace holdfast {
namespace {

RcParams Params(int cases, std::uint64_t seed) {
  RcParams params;
  params.seed = seed;
  params.maxSuccess = cases;
  if (const char* text = std::getenv("RC_PARAMS")) params = ReadRcParams(text, params);
  return params;
}

// True if the property holds. Else `failing` is the last scenario on which it failed. RapidCheck
// goes on from the first simplification that still fails, so this is the scenario that RapidCheck
// reports.
bool Check(const Profile& profile, Mode mode, const RcParams& params,
           const std::function<std::string(const Scenario&)>& property, Scenario* failing) {
  const RcResult result = CheckProperty(
      [&] {
        const Scenario scenario = *Scenarios(profile, mode);
        const std::string wrong = property(scenario);
        if (wrong.empty()) return;
        *failing = scenario;
        RC_FAIL(wrong);
      },
      params);
  return result.holds;
}

}  // namespace

std::optional<Minimized> FindDivergence(Sut& sut, const Profile& profile, Mode mode, int cases,
                                        std::uint64_t seed) {
  RcParams params = Params(cases, seed);
  params.disableShrinking = true;  // Minimize does it
  Counterexample found;
  const auto diverges = [&](const Scenario& scenario) {
    const std::optional<Divergence> divergence = RunScenario(sut, scenario);
    if (!divergence) return std::string();
    found.divergence = *divergence;
    return Describe(scenario, *divergence);
  };
  if (Check(profile, mode, params, diverges, &found.scenario)) return std::nullopt;
  Runner runner(sut);
  return Minimize(runner, found);
}

bool CheckScenarios(const Profile& profile, Mode mode, int cases, std::uint64_t seed,
                    const std::function<std::string(const Scenario&)>& property,
                    Scenario* counterexample) {
  return Check(profile, mode, Params(cases, seed), property, counterexample);
}

}  // namespace holdfast
