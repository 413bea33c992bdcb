// Which implementation is under test, and the profile that it is held against.
#ifndef HOLDFAST_CLI_SELECT_SUT_H_
#define HOLDFAST_CLI_SELECT_SUT_H_

#include <string>
#include <variant>

#include <CLI/CLI.hpp>

#include "model/profile.h"
#include "sut/shipped.h"
#include "properties/shrink/shrink.h"

namespace holdfast {

// As given on the command line; empty where it was not.
struct SutOptions {
  std::string sut;      // a built-in's name, or the path of a shared object
  std::string profile;  // v3, v5, off, or with answers of its own
  std::string luo;      // off, A, B, C

  void AddTo(CLI::App& command);
};

// --in-process, for every command that runs an implementation.
void AddInProcess(CLI::App& command, bool& in_process);

// --shrink-seconds, for every command that makes a counterexample short. Where it is not met, the
// same bytes each time.
void AddShrinkSeconds(CLI::App& command, ShrinkBudget& budget);

struct SelectedSut {
  Module module;
  Profile profile;  // with the orchestrator in force
};

// Without --sut: the built-in of the profile. Without --profile: the one that the implementation
// was written to, or else v3. Without --luo: the profile's own. The answers of a version of which
// only the interface is known are asked of it, in a child process or in this one
// (properties/lockstep/detect_profile.h). The error is one sentence.
std::variant<SelectedSut, std::string> SelectSut(const SutOptions& options, bool in_process);

// The built-in implementation of a profile: "core.v3", "core.v5", "stubs".
std::string BuiltinFor(const Profile& profile);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_SELECT_SUT_H_
