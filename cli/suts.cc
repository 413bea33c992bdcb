// `holdfast suts`: the implementations that come with the suite.

#include <cstdio>
#include <variant>

#include <fmt/format.h>

#include "cli/commands.h"
#include "sut/shipped.h"

namespace holdfast {

void AddSuts(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("suts", "List the implementations that come with the suite");
  command->footer("Example: holdfast suts");
  command->callback([&status] {
    for (const BuiltinSut& sut : BuiltinSuts()) fmt::print("{:<14} {}\n", sut.name, sut.about);
    fmt::print("\nYour own: --sut=FILE.so (README.md, \"Your own implementation\")\n");
    status = kConforms;
  });
}

}  // namespace holdfast
