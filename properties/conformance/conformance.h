// Conformance of an implementation as a RapidCheck property, for tests: no scenario makes it
// diverge from its profile.
//
// RC_PARAMS is honoured (seed, max_success, reproduce, ...). Without RC_PARAMS the seed is fixed: a
// test that Bazel caches should answer the same question each time. A campaign (campaign.h) tries
// other seeds.
#ifndef HOLDFAST_PROPERTIES_CONFORMANCE_CONFORMANCE_H_
#define HOLDFAST_PROPERTIES_CONFORMANCE_CONFORMANCE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/mode.h"
#include "properties/shrink/minimize.h"
#include "sut/sut.h"

namespace holdfast {

// Checks `cases` generated scenarios in lockstep. Returns the first divergence, made as short as
// can be, if there is one.
std::optional<Minimized> FindDivergence(Sut& sut, const Profile& profile, Mode mode, int cases,
                                        std::uint64_t seed = 1);

// Checks any other property of a scenario: the empty string if the property holds, else a sentence
// of what is wrong. RapidCheck shrinks the scenario that fails, and `counterexample` gets the
// result.
bool CheckScenarios(const Profile& profile, Mode mode, int cases, std::uint64_t seed,
                    const std::function<std::string(const Scenario&)>& property,
                    Scenario* counterexample);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CONFORMANCE_CONFORMANCE_H_
