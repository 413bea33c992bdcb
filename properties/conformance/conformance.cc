#include "properties/conformance/conformance.h"

#include <cstdlib>

#include "properties/generate/rapidcheck.h"
#include "properties/shrink/counterexample.h"

namespace holdfast {

bool CheckScenarios(const Profile& profile, Mode mode, int cases, std::uint64_t seed,
                    const std::function<std::string(const Scenario&)>& property,
                    Scenario* counterexample) {
  RcParams params;
  params.seed = seed;
  params.maxSuccess = cases;
  if (const char* text = std::getenv("RC_PARAMS")) params = ReadRcParams(text, params);
  // RapidCheck goes on from the first simplification that still fails, so the last failure that it
  // saw is the one it reports.
  const RcResult result = CheckProperty(
      [&] {
        const Scenario scenario = *Scenarios(profile, mode);
        const std::string wrong = property(scenario);
        if (wrong.empty()) return;
        *counterexample = scenario;
        RC_FAIL(wrong);
      },
      params);
  return result.holds;
}

std::optional<ShrunkDivergence> FindDivergence(Sut& sut, const Profile& profile, Mode mode,
                                               int cases, const std::string& name,
                                               std::uint64_t seed) {
  ShrunkDivergence shrunk;
  const auto diverges = [&](const Scenario& scenario) {
    const std::optional<Divergence> divergence = RunScenario(sut, scenario);
    return divergence ? Describe(scenario, *divergence) : std::string();
  };
  if (CheckScenarios(profile, mode, cases, seed, diverges, &shrunk.scenario)) return std::nullopt;
  const std::optional<Divergence> divergence = RunScenario(sut, shrunk.scenario);
  // not reached with a deterministic implementation, which every Sut owes
  if (!divergence) return std::nullopt;
  shrunk.divergence = *divergence;
  shrunk.text = Counterexample(name, shrunk.scenario, shrunk.divergence);
  return shrunk;
}

}  // namespace holdfast
