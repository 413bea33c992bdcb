// Conformance of an implementation as a RapidCheck property, for tests: no scenario makes it
// diverge from its profile.
//
// RC_PARAMS is honoured (seed, max_success, reproduce, ...). Without it the seed is fixed, because
// a test that is cached by Bazel should answer the same question each time; other seeds are a
// campaign's business (campaign.h).
#ifndef HOLDFAST_PROPERTIES_CONFORMANCE_CONFORMANCE_H_
#define HOLDFAST_PROPERTIES_CONFORMANCE_CONFORMANCE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/lockstep.h"
#include "sut/sut.h"

namespace holdfast {

struct ShrunkDivergence {
  Scenario scenario;  // no simplification of it still diverges
  Divergence divergence;
  std::string text;  // the trace and the report
};

// Checks `cases` generated scenarios in lockstep; the shrunk divergence if there is one. `name` is
// for the files that are kept.
std::optional<ShrunkDivergence> FindDivergence(Sut& sut, const Profile& profile, Mode mode,
                                               int cases, const std::string& name,
                                               std::uint64_t seed = 1);

// The same for any property of a scenario: empty if it holds, else what is wrong. The shrunk
// scenario comes back through `counterexample`.
bool CheckScenarios(const Profile& profile, Mode mode, int cases, std::uint64_t seed,
                    const std::function<std::string(const Scenario&)>& property,
                    Scenario* counterexample);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CONFORMANCE_CONFORMANCE_H_
