// The defects planted in the driver ports: one row each of the tables beside this, which are the
// only lists there are.
#ifndef HOLDFAST_SUT_PORTS_MUTANTS_MUTANTS_H_
#define HOLDFAST_SUT_PORTS_MUTANTS_MUTANTS_H_

#include <span>
#include <string_view>

#include "model/rules/rules.h"

namespace holdfast {

struct PortMutant {
  std::string_view name;     // "mutant.smmuv3_token"
  std::string_view file;     // the shared object, below the workspace
  std::string_view profile;  // of the core that the port runs under
  Rule rule;                 // that must name it
  std::string_view planted;  // a sentence without its capital and its point
};

// In the order of the tables.
std::span<const PortMutant> PortMutants();

}  // namespace holdfast

#endif  // HOLDFAST_SUT_PORTS_MUTANTS_MUTANTS_H_
