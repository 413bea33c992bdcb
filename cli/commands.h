// The subcommands of the binary. Each function adds one subcommand, with its options and an
// example, to the command line.
#ifndef HOLDFAST_CLI_COMMANDS_H_
#define HOLDFAST_CLI_COMMANDS_H_

#include "cli/command_line.h"

namespace holdfast {

void AddRun(CommandLine& line);       // run.cc
void AddExplore(CommandLine& line);   // explore.cc
void AddReplay(CommandLine& line);    // replay.cc
void AddRewrite(CommandLine& line);   // replay.cc
void AddShrink(CommandLine& line);    // shrink.cc
void AddDiffer(CommandLine& line);    // differ.cc
void AddGraph(CommandLine& line);     // graph.cc
void AddMutants(CommandLine& line);   // mutants.cc
void AddProfiles(CommandLine& line);  // profiles.cc
void AddSuts(CommandLine& line);      // suts.cc
void AddCheckLog(CommandLine& line);  // check_log.cc

}  // namespace holdfast

#endif  // HOLDFAST_CLI_COMMANDS_H_
