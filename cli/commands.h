// The subcommands of the binary. Each function adds one subcommand, with its options and an
// example, to the application. `status` is the exit status after the subcommand ran.
#ifndef HOLDFAST_CLI_COMMANDS_H_
#define HOLDFAST_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>

namespace holdfast {

// The exit status of the binary.
enum ExitCode : int {
  kConforms = 0,  // or proved
  kDiverges = 1,  // or refuted
  kBadInput = 2,  // bad usage, or a file that cannot be read or understood
  // the suite itself failed, or its budget ended: nothing is said of the implementation
  kHarnessFailed = 3,
};

void AddRun(CLI::App& app, int& status);       // run.cc
void AddExplore(CLI::App& app, int& status);   // explore.cc
void AddReplay(CLI::App& app, int& status);    // replay.cc
void AddRewrite(CLI::App& app, int& status);   // replay.cc
void AddShrink(CLI::App& app, int& status);    // shrink.cc
void AddGraph(CLI::App& app, int& status);     // graph.cc
void AddMutants(CLI::App& app, int& status);   // mutants.cc
void AddProfiles(CLI::App& app, int& status);  // profiles.cc
void AddSuts(CLI::App& app, int& status);      // suts.cc

}  // namespace holdfast

#endif  // HOLDFAST_CLI_COMMANDS_H_
