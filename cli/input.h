// Reads the input of a command, and writes its JSON and its page. On failure it complains on
// standard error, and the caller ends with kBadInput.
#ifndef HOLDFAST_CLI_INPUT_H_
#define HOLDFAST_CLI_INPUT_H_

#include <memory>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "cli/report/json.h"
#include "sut/sut.h"
#include "model/text/trace.h"

namespace holdfast {

// A trace whose outcomes may be missing, for a command that needs the calls alone.
std::optional<Trace> ReadCalls(const std::string& path);

// A built-in by name or a shared object by path.
std::unique_ptr<Sut> LoadOrComplain(const std::string& name_or_path);

// --json, for every command that has a result.
void AddJson(const Subcommand& command, std::string& path);

// --ktap, for a command that a CI of the kernel runs: then KTAP is all of its output.
void AddKtap(const Subcommand& command, bool& wanted);

// The exit status of a command: `status`, or kBadInput if its JSON was asked for and cannot be
// written. Where annotations are wanted, the failures are printed as such (report/annotation.h).
int WithJson(const std::string& path, const Json& report, int status);

// --html, for every command whose result a person looks at.
void AddHtml(const Subcommand& command, std::string& path);

// The same for --html and --json together: both files are there, or neither.
int WithPage(const std::string& html, const std::string& json, const Json& report, int status);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_INPUT_H_
