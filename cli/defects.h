// The planted defects, of the core (sut/mutants) and of the driver ports (sut/ports/mutants), as
// the detection report has them: one list.
#ifndef HOLDFAST_CLI_DEFECTS_H_
#define HOLDFAST_CLI_DEFECTS_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "model/rules/rules.h"

namespace holdfast {

struct Defect {
  std::string_view name;     // "mutant.d1"
  std::string_view profile;  // the version that it is planted in
  std::string_view planted;  // a sentence without its capital and its point
  Rule rule;                 // that must name it; Rule{}: nobody can tell it from the sound one
  // commands of the shortest sequence that shows it; nothing: the ports' tables do not say
  std::optional<std::size_t> depth;
  bool of_port;

  bool equivalent() const { return rule == Rule{}; }
  std::string_view short_name() const { return name.substr(name.find('.') + 1); }
};

// Those of the core first, in the order of their tables.
std::vector<Defect> Defects();

}  // namespace holdfast

#endif  // HOLDFAST_CLI_DEFECTS_H_
