// `holdfast suts`: the implementations that come with the suite.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "sut/shipped.h"

namespace holdfast {

void AddSuts(CommandLine& line) {
  const Subcommand command = line.Add("suts", "List the implementations that come with the suite",
                                      "Example: holdfast suts");
  auto json = std::make_shared<std::string>();
  AddJson(command, *json);
  command.Runs([json]() -> int {
    std::size_t width = 0;
    Json report = JsonReport("suts");
    report["suts"] = Json::array();
    for (const BuiltinSut& sut : BuiltinSuts()) width = std::max(width, sut.name.size());
    for (const BuiltinSut& sut : BuiltinSuts()) {
      fmt::print("{:<{}}  {}\n", sut.name, width, sut.about);
      report["suts"].push_back({{"name", sut.name}, {"about", sut.about}});
    }
    fmt::print("\nYour own: --sut=FILE.so (README.md, \"Your own implementation\")\n");
    return WithJson(*json, report, kConforms);
  });
}

}  // namespace holdfast
