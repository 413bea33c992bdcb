// One edge of a search: a command in a canonical state, judged by every rule over a step or a
// state.
//
// This file remembers nothing. The search's memory (step_memory.h) is filled from it and checked
// against it.
#ifndef HOLDFAST_MODEL_EXPLORE_EDGE_H_
#define HOLDFAST_MODEL_EXPLORE_EDGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/outcome.h"
#include "model/explore/packing.h"
#include "model/profile.h"
#include "model/rules/rules.h"
#include "model/explore/world.h"

namespace holdfast {

struct Edge {
  enum class Kind : std::uint8_t {
    kNone,   // the caller would not make the call, or it is the one without the fault
    kCut,    // judged, but the result exceeds a bound
    kTaken,  // `after` is the result
  };
  Kind kind = Kind::kNone;
  Outcome outcome;
  RuleCheck rules;  // of the step
  Words after{};    // packed, if kTaken
};

class EdgeMaker {
 public:
  EdgeMaker(const World& world, const Profile& profile, const Packing& packing)
      : world_(world), profile_(profile), packing_(packing) {}

  // Of a state that has not crashed. Throws std::logic_error if the result does not pack: the
  // packing lacks a field.
  Edge Make(const State& before, const Command& command) const;

  // The rules of a state, the queries and the dependency graph. Throws std::logic_error if the
  // graph and the rules disagree.
  RuleCheck Judge(const State& state) const;

 private:
  const World& world_;
  const Profile& profile_;
  const Packing& packing_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_EDGE_H_
