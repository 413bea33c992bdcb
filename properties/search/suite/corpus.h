// The corpus as scenarios: the traces of the suite that are written for one profile on one
// orchestrator.
#ifndef HOLDFAST_PROPERTIES_SEARCH_SUITE_CORPUS_H_
#define HOLDFAST_PROPERTIES_SEARCH_SUITE_CORPUS_H_

#include <string>
#include <vector>

#include "model/profile.h"
#include "model/scenario.h"

namespace holdfast {

struct CorpusScenario {
  std::string file;  // its name, without the folder
  Scenario scenario;
};

// In the order of the names. A trace that shows how the profile itself breaks a rule is left out,
// because replay judges it. Throws std::runtime_error if the corpus is missing or a trace cannot be
// read.
std::vector<CorpusScenario> CorpusOf(const Profile& profile);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_SUITE_CORPUS_H_
