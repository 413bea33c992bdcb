// Mutants of the model that lie deep. The generators are measured on them, and on the mutants of
// the core. Nearly all mutants of the core fall to a thousand commands.
//
// The deep mutants come in families. A mutant waits for the n-th call on one object, for so many
// objects at once, for an order of calls, or for faults one after another. Other mutants wait for
// the boundary of a page, or for a caller who breaks the contract. None is the copy of a mutant of
// the core. A mutant shows as soon as it is reached: by a WARN that the profile does not give. So
// the measurement is how soon a sequence reaches the mutant, and nothing else.
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
  // commands of the shortest known sequence that reaches the mutant; the teardown may save one
  std::size_t depth;
  // True if this command reaches the mutant. `memory` is the state after the command.
  // `memory.hidden` belongs to the mutant and is 0 after a reset.
  bool (*reached)(const Command& command, const Outcome& outcome, ModelSut::Memory& memory);
};

std::span<const DeepMutant> DeepMutants();

// The v3 model with the mutant.
ModelSut Planted(const DeepMutant& mutant);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_STUDY_DEEP_MUTANTS_H_
