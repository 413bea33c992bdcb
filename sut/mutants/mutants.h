// The planted defects that come with the suite: one row of sut/mutants/table.bzl each, which is the
// only list there is.
#ifndef HOLDFAST_SUT_MUTANTS_MUTANTS_H_
#define HOLDFAST_SUT_MUTANTS_MUTANTS_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "model/rules/rules.h"

namespace holdfast {

struct Mutant {
  std::string_view name;     // "mutant.d1"
  std::string_view file;     // the shared object, below the workspace
  std::string_view profile;  // the version that it is planted in
  // that must name it; Rule{} for an edit that no caller can tell from the core
  Rule rule;
  std::size_t depth;         // commands of the shortest sequence that shows it; 0 with Rule{}
  std::string_view planted;  // a sentence without its capital and its point

  bool equivalent() const { return rule == Rule{}; }
};

// In the order of the table. Under the sanitizers a sample (--define=mutants=sample).
std::span<const Mutant> Mutants();

}  // namespace holdfast

#endif  // HOLDFAST_SUT_MUTANTS_MUTANTS_H_
