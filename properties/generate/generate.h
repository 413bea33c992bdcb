// Scenarios at random: topologies and command sequences that keep the caller's contract, or break
// it.
//
// A scenario is one value with its own fast generator (author.h, dice.h), not a list of generated
// commands. The choices depend on the model's state. So a preserve finds a domain to name, and a
// fault finds a page that is full.
//
// Cases are numbered from 0 for each seed and mode. A case depends on the earlier cases of its own
// chapter, because events that have happened are less interesting (unseen.h). So any case is made
// from its number alone, at the cost of at most one chapter. The case is the same on every compiler
// and machine. So a campaign can name a failure by seed and number.
#ifndef HOLDFAST_PROPERTIES_GENERATE_GENERATE_H_
#define HOLDFAST_PROPERTIES_GENERATE_GENERATE_H_

#include <cstdint>
#include <iosfwd>

#include <rapidcheck/Gen.h>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/generate/ideas.h"
#include "properties/generate/length.h"
#include "properties/lockstep/mode.h"
#include "properties/generate/unseen.h"

namespace holdfast {

struct GeneratorOptions {
  int size = kFullSize;  // from 0 to kFullSize, bounds the length
  Ideas ideas = {};
};

// The cases of a seed, one after the other.
class Cases {
 public:
  static constexpr std::uint64_t kChapter = 1024;  // cases

  Cases(const Profile& profile, Mode mode, std::uint64_t seed, std::uint64_t first = 0,
        const GeneratorOptions& options = {});

  Scenario Next();
  std::uint64_t number() const { return number_; }  // of the next one

 private:
  Profile profile_;
  Mode mode_;
  std::uint64_t seed_;
  GeneratorOptions options_;
  std::uint64_t number_;
  Unseen unseen_;
};

// Case `number` alone.
Scenario GenerateScenario(const Profile& profile, Mode mode, std::uint64_t seed,
                          std::uint64_t number, const GeneratorOptions& options = {});

// Gives the faults of ops a depth, and arms more faults where drivers take over, by the seed and
// the index. It is for an implementation with a driver port, whose requests can be denied. The
// model's answers stay the same.
void DeepenFaults(std::uint64_t seed, std::uint64_t index, Scenario& scenario);

// The same as a RapidCheck generator, with the edits of simplify.h as its shrinks. A contract
// scenario shrinks to contract scenarios only.
rc::Gen<Scenario> Scenarios(const Profile& profile, Mode mode);

// How RapidCheck and GoogleTest show a scenario: as a trace, with the outcomes that the model
// gives.
void showValue(const Scenario& scenario, std::ostream& stream);
void PrintTo(const Scenario& scenario, std::ostream* stream);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_GENERATE_H_
