// Mutants that lie deep, planted in the model as an implementation: what the generators are
// measured on besides the mutants of the core, which nearly all fall to a thousand
// commands.
//
// They come in families, and not one of them copies a mutant of the core:
// the n-th call on one object, so many objects at once, an order of calls, faults one after
// another, the boundary of a page, a caller who breaks the contract. An error shows at once when it
// is reached (a WARN that the profile does not give), so what is measured is how soon a sequence
// gets there and nothing else.
#ifndef HOLDFAST_PROPERTIES_STUDY_DEEP_MUTANTS_H_
#define HOLDFAST_PROPERTIES_STUDY_DEEP_MUTANTS_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "properties/lockstep/model_sut.h"

namespace holdfast {

struct DeepMutant {
  std::string_view name;
  std::string_view planted;  // what it takes, a sentence without its capital and its point
  // commands of the shortest sequence that is known to get there; the teardown may save one
  std::size_t depth;
  // Whether this command, which `memory` is the state after, gets there. `memory.hidden` is its
  // own, 0 at a reset.
  bool (*reached)(const Command& command, const Outcome& outcome, ModelSut::Memory& memory);
};

std::span<const DeepMutant> DeepMutants();

// The v3 model with the mutant.
ModelSut Planted(const DeepMutant& mutant);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_STUDY_DEEP_MUTANTS_H_
