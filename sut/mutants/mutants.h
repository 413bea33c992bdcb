// The mutants that come with the suite: a mutant is an implementation with one planted defect. Each
// mutant is a row of a table beside this file: core.bzl, v5.bzl, smmuv3.bzl, vtd.bzl. There is no
// other list.
#ifndef HOLDFAST_SUT_MUTANTS_MUTANTS_H_
#define HOLDFAST_SUT_MUTANTS_MUTANTS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "model/rules/rules.h"

namespace holdfast {

struct Mutant {
  std::string_view name;  // "mutant.d1", "mutant.smmuv3_token"
  std::string_view file;  // the shared object, below the workspace
  std::string_view
      profile;            // of the core that the mutant is planted in, or that its port runs under
  std::string_view port;  // "smmuv3_stage1"; empty for a mutant of the core
  Rule rule;              // that must name the mutant; Rule{} for an equivalent mutant
  // Commands of the shortest sequence that shows the mutant; 0 for an equivalent mutant. The tables
  // of the ports do not say.
  std::optional<std::size_t> depth;
  std::string_view planted;  // a sentence without its capital and its point

  // No caller can tell the mutant from the sound implementation.
  bool equivalent() const { return rule == Rule{}; }
  bool of_port() const { return !port.empty(); }
  std::string_view short_name() const { return name.substr(name.find('.') + 1); }
};

// In the order of the tables, the core first. Under the sanitizers a sample
// (--define=mutants=sample).
std::span<const Mutant> Mutants();
std::span<const Mutant> CoreMutants();
std::span<const Mutant> PortMutants();

}  // namespace holdfast

#endif  // HOLDFAST_SUT_MUTANTS_MUTANTS_H_
