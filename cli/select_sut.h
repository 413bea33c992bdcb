// The implementation under test, and the profile that it is held against.
#ifndef HOLDFAST_CLI_SELECT_SUT_H_
#define HOLDFAST_CLI_SELECT_SUT_H_

#include <string>
#include <variant>

#include "cli/command_line.h"
#include "model/profile.h"
#include "sut/shipped.h"
#include "properties/shrink/minimize.h"

namespace holdfast {

// The options of the command line. An option that is not given is empty.
struct SutOptions {
  std::string sut;      // a built-in's name, or the path of a shared object
  std::string profile;  // v3, v5, off, or with answers of its own
  std::string luo;      // off, A, B, C

  void AddTo(const Subcommand& command);
};

// --in-process, for every command that runs an implementation.
Option AddInProcess(const Subcommand& command, bool& in_process);

// --jobs, for every command that divides its work among processes: Processors() if not given.
Option AddJobs(const Subcommand& command, std::optional<int>& jobs, const std::string& about);
// The processors that this process may use.
int Processors();

// --shrink-seconds, for every command that makes a counterexample short. The bytes are the same
// each time if the time does not run out.
void AddShrinkSeconds(const Subcommand& command, ShrinkBudget& budget);

struct SelectedSut {
  Module module;
  Profile profile;  // with the orchestrator in force
};

// The defaults: without --sut the built-in of the profile; without --profile the profile that the
// implementation was written to, or v3; without --luo the profile's own orchestrator.
//
// Of some implementations only the interface of a version is known. Such an implementation is asked
// for its answers, in a child process or in this process (properties/answers/detect_profile.h). The
// error is one sentence.
std::variant<SelectedSut, std::string> SelectSut(const SutOptions& options, bool in_process);

// The built-in implementation of a profile: "core.v3", "core.v5", "stubs".
std::string BuiltinFor(const Profile& profile);

// --out is asked before the run, which may take a minute: a directory that can be written to, or
// made. Throws BadArgument.
void CheckOut(const std::string& out);

// Leaves the counterexample behind in the directory `out`, or in DefaultOutputDirectory(). Prints
// an error to standard error.
void KeepOrComplain(Minimized& minimized, const std::string& out, const SutOptions& options,
                    const Profile& profile, bool hardened);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_SELECT_SUT_H_
