// The racy mutants: defects that only callers at once can show. Each is a row of racy.bzl. There is
// no other list.
#ifndef HOLDFAST_SUT_MUTANTS_RACY_H_
#define HOLDFAST_SUT_MUTANTS_RACY_H_

#include <span>
#include <string_view>

#include "model/rules/rules.h"

namespace holdfast {

struct RacyMutant {
  std::string_view name;  // "mutant.race_v5_double_domain"
  std::string_view file;  // the shared object, below the workspace
  std::string_view profile;
  Rule rule;        // that must name it
  int preemptions;  // the fewest that show it
  std::string_view planted;
};

// In the order of the table.
std::span<const RacyMutant> RacyMutants();

}  // namespace holdfast

#endif  // HOLDFAST_SUT_MUTANTS_RACY_H_
