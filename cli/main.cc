// The `holdfast` binary. README.md says its purpose, `holdfast COMMAND --help` the options.

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "model/version.h"

namespace holdfast {
namespace {

int Main(int argc, char** argv) {
  // `bazel run` starts the binary elsewhere. Paths are relative to the caller's folder.
  if (const char* directory = std::getenv("BUILD_WORKING_DIRECTORY")) {
    if (chdir(directory) != 0) std::perror(directory);
  }
  CLI::App app(
      "Does this implementation of IOMMU live update preservation hold fast?\n"
      "A reference machine and an implementation run in lockstep; every step is compared, every "
      "rule checked.",
      "holdfast");
  app.set_version_flag("--version", fmt::format("holdfast {}", kVersion));
  app.require_subcommand(1);
  app.footer(
      "Example: holdfast run --sut=core.v5 --seed=7\n"
      "A kernel tree's own liveupdate.c: ./holdfast tree PATH (docs/kernel-tree.md)\n"
      "Exit status: 0 conforms, 1 diverges, 2 bad usage or input, 3 the suite itself failed.");
  int status = kHarnessFailed;
  AddRun(app, status);
  AddExplore(app, status);
  AddReplay(app, status);
  AddRewrite(app, status);
  AddShrink(app, status);
  AddGraph(app, status);
  AddMutants(app, status);
  AddProfiles(app, status);
  AddSuts(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    fmt::print(stderr, "holdfast: {}\nholdfast: --help says what is expected\n", error.what());
    return kBadInput;
  }
  return status;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  try {
    return holdfast::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "holdfast: the suite itself failed: {}\n", error.what());
    return holdfast::kHarnessFailed;
  }
}
