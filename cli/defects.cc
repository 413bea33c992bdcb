#include "cli/defects.h"

#include "sut/mutants/mutants.h"
#include "sut/ports/mutants/mutants.h"

namespace holdfast {

std::vector<Defect> Defects() {
  std::vector<Defect> defects;
  for (const Mutant& mutant : Mutants()) {
    defects.push_back(
        {mutant.name, mutant.profile, mutant.planted, mutant.rule, mutant.depth, false});
  }
  for (const PortMutant& mutant : PortMutants()) {
    defects.push_back(
        {mutant.name, mutant.profile, mutant.planted, mutant.rule, std::nullopt, true});
  }
  return defects;
}

}  // namespace holdfast
