// What the binary's exit status says.
#ifndef HOLDFAST_CLI_EXIT_CODE_H_
#define HOLDFAST_CLI_EXIT_CODE_H_

namespace holdfast {

enum ExitCode : int {
  kConforms = 0,  // or proved
  kDiverges = 1,  // or refuted
  kBadInput = 2,  // bad usage, or a file that cannot be read or understood
  // the suite itself failed, or its budget ended: nothing is said of the implementation
  kHarnessFailed = 3,
};

}  // namespace holdfast

#endif  // HOLDFAST_CLI_EXIT_CODE_H_
