// `holdfast suts`: the implementations that come with the suite.

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.h"
#include "sut/shipped.h"

namespace holdfast {

void AddSuts(CommandLine& line) {
  line.Add("suts", "List the implementations that come with the suite", "Example: holdfast suts")
      .Runs([]() -> int {
        std::size_t width = 0;
        for (const BuiltinSut& sut : BuiltinSuts()) width = std::max(width, sut.name.size());
        for (const BuiltinSut& sut : BuiltinSuts())
          fmt::print("{:<{}}  {}\n", sut.name, width, sut.about);
        fmt::print("\nYour own: --sut=FILE.so (README.md, \"Your own implementation\")\n");
        return kConforms;
      });
}

}  // namespace holdfast
