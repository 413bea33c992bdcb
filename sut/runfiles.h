// Where Bazel put a file of this workspace for this run.
#ifndef HOLDFAST_SUT_RUNFILES_H_
#define HOLDFAST_SUT_RUNFILES_H_

#include <string>

namespace holdfast {

// `file` is relative to the workspace ("traces/corpus"). Looked for below $RUNFILES_DIR,
// $TEST_SRCDIR, in the binary's runfiles and in the build that the binary is part of; where it is
// nowhere, the last place that was tried.
std::string Runfile(const std::string& file);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_RUNFILES_H_
