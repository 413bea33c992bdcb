// Harmless variants of the implementations that come with the suite: each does something else than
// its original, and conforms. A suite that calls one of them divergent gives a false alarm. Each
// variant is a row of harmless.bzl. There is no other list.
#ifndef HOLDFAST_SUT_MUTANTS_HARMLESS_H_
#define HOLDFAST_SUT_MUTANTS_HARMLESS_H_

#include <span>
#include <string_view>

namespace holdfast {

struct HarmlessVariant {
  std::string_view name;  // "harmless_vtd_legacy_ids_from_the_top"
  std::string_view file;  // the shared object, below the workspace
  bool of_port;
  std::string_view why;  // it is harmless: a sentence without its capital and its point
};

// In the order of the table. Under the sanitizers a sample (--define=mutants=sample).
std::span<const HarmlessVariant> HarmlessVariants();

}  // namespace holdfast

#endif  // HOLDFAST_SUT_MUTANTS_HARMLESS_H_
