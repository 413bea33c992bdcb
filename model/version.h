// The version of Holdfast, which a report, a certificate and their JSON name: a verdict holds for
// this model and these rules. CHANGELOG.md says what each version changed.
//
// A new version changes the number here, CHANGELOG.md and the first line of four goldens
// (cli/tests/testdata/{run,explore}_*.golden).
#ifndef HOLDFAST_MODEL_VERSION_H_
#define HOLDFAST_MODEL_VERSION_H_

namespace holdfast {

inline constexpr char kVersion[] = "0.2.0";

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_VERSION_H_
