// Where Bazel put a file of this workspace for this run.
#ifndef HOLDFAST_SUT_RUNFILES_H_
#define HOLDFAST_SUT_RUNFILES_H_

#include <string>

namespace holdfast {

// `file` is relative to the workspace ("traces/corpus"). The search looks below $RUNFILES_DIR and
// $TEST_SRCDIR, in the binary's runfiles, and in the build that the binary is part of. If the file
// is nowhere, the result is the last place.
std::string Runfile(const std::string& file);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_RUNFILES_H_
