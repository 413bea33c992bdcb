// Scenarios at random: topologies and command sequences that keep the caller's contract, or break it.
//
// A scenario is one value with its own fast generator (dice.h), not a list of generated commands: its choices depend on the state
// that the model is in, so that a preserve finds a domain to name and a fault a page that is full. It is a pure function of its
// arguments: the same case on every compiler and machine, which is what lets a campaign name a failure by seed and index.
//
// Each case draws which verbs it leaves out, how often faults strike and which shape it has: calls at random, an orderly session
// through kexec, or a pump that crosses the boundary of an array page. What one case never does, another does all the time;
// a uniform mix finds less.
#ifndef HOLDFAST_PROPERTIES_GENERATE_H_
#define HOLDFAST_PROPERTIES_GENERATE_H_

#include <cstdint>
#include <iosfwd>
#include <string_view>

#include <rapidcheck/Gen.h>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/dice.h"

namespace holdfast {

enum class Mode : std::uint8_t {
  kContract,  // every command keeps C1 to C7 in the state that it finds
  kHostile,   // any command, at any time
};
std::string_view ModeName(Mode mode);

// RapidCheck's largest size; what a campaign uses.
inline constexpr int kFullSize = 100;

// Case `index` of `seed`: `size` from 0 to kFullSize bounds the length.
Scenario GenerateScenario(const Profile& profile, Mode mode, std::uint64_t seed, std::uint64_t index, int size = kFullSize);

// Gives the faults of ops a depth, and arms others where drivers take over, by the same seed and index: for an implementation with a
// driver port of its own, which makes requests that can be denied. The model's answers are the same.
void DeepenFaults(std::uint64_t seed, std::uint64_t index, Scenario& scenario);

// Up to 4 IOMMUs, 8 devices and 3 domains; about half of them plain, the others with traits.
Topology GenerateTopology(Dice& dice);

// The same as a RapidCheck generator, with the edits of simplify.h as its shrinks. A contract scenario shrinks to contract
// scenarios only.
rc::Gen<Scenario> Scenarios(const Profile& profile, Mode mode);

// True if every command keeps the contract where it stands.
bool KeepsContract(const Scenario& scenario);

// How RapidCheck and GoogleTest show one: as a trace, with the outcomes that the model gives.
void showValue(const Scenario& scenario, std::ostream& stream);
void PrintTo(const Scenario& scenario, std::ostream* stream);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_H_
