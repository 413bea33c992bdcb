// The `holdfast` binary. README.md says its purpose, `holdfast COMMAND --help` the options.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "model/version.h"

namespace holdfast {
namespace {

// A command of the script, listed so that --help tells of it.
void AddOfScript(CommandLine& line, const std::string& name, const std::string& arguments,
                 const std::string& about, const std::string& why, const std::string& footer) {
  const std::string usage = fmt::format("./holdfast {} {}", name, arguments);
  const Subcommand command = line.Add(name, fmt::format("{}: {}", about, usage), footer);
  auto rest = std::make_shared<std::vector<std::string>>();
  command.Texts("arguments", *rest, "of the script", arguments);
  command.Runs([=, rest = rest]() -> int {
    fmt::print(stderr, "holdfast: {}: expected the script, which {}: {}\n", name, why, usage);
    return kBadInput;
  });
}

void AddScript(CommandLine& line) {
  AddOfScript(line, "tree", "PATH", "Run a kernel tree's own liveupdate.c",
              "builds the tree's code", "Example: ./holdfast tree ~/linux (docs/kernel-tree.md)");
  AddOfScript(line, "init", "core|port FOLDER",
              "Make a workspace of your own, with an implementation to start from",
              "knows where Holdfast is", "Example: ./holdfast init port ~/driver");
}

int Main(int argc, char** argv) {
  // `bazel run` starts the binary elsewhere. Paths are relative to the caller's folder.
  if (const char* directory = std::getenv("BUILD_WORKING_DIRECTORY")) {
    if (chdir(directory) != 0) std::perror(directory);
  }
  CommandLine line(
      "Does this implementation of IOMMU live update preservation hold fast?\n"
      "A reference machine and an implementation run in lockstep; every step is compared, every "
      "rule checked.",
      "Example: holdfast run --sut=core.v5 --seed=7\n"
      "Exit status: 0 conforms, 1 diverges, 2 bad usage or input, 3 the suite itself failed.",
      fmt::format("holdfast {}", kVersion));
  AddRun(line);
  AddExplore(line);
  AddReplay(line);
  AddRewrite(line);
  AddShrink(line);
  AddDiffer(line);
  AddGraph(line);
  AddMutants(line);
  AddProfiles(line);
  AddSuts(line);
  AddCheckLog(line);
  AddScript(line);
  const int status = line.Run(argc, argv);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "holdfast: standard output: {}\n", std::strerror(errno));
    return kBadInput;
  }
  return status;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond a limit fails, and the caller says so
  try {
    return holdfast::Main(argc, argv);
  } catch (const std::exception& error) {
    // {fmt} throws where a write fails; its own sentence would stand before the system's.
    const auto* system = dynamic_cast<const std::system_error*>(&error);
    std::fflush(stdout);
    if (std::ferror(stdout) != 0) {
      fmt::print(stderr, "holdfast: standard output: {}\n",
                 system ? system->code().message() : error.what());
      return holdfast::kBadInput;
    }
    fmt::print(stderr, "holdfast: the suite itself failed: {}\n", error.what());
    return holdfast::kHarnessFailed;
  }
}
