// The probe files have the form that ftrace and bpftrace read, and name what the reader knows.
// Neither tool runs without privileges, so the lines are parsed here.

#include "traces/log/probes.h"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace holdfast {
namespace {

using Probed = std::set<std::pair<std::string, bool>>;  // function, its return

Probed FtraceFunctions() {
  static const std::regex kDefinition(
      R"(([pr]):holdfast/(\w+) (\w+)((?: (?:domain|dev|iommu)=\$arg[12])*| ret=\$retval:s32)?)");
  Probed functions;
  std::istringstream lines{std::string(kFtraceProbes)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::smatch match;
    EXPECT_TRUE(std::regex_match(line, match, kDefinition)) << line;
    const bool returns = match[1] == "r";
    EXPECT_EQ(match[2], match[3].str() + (returns ? "_ret" : "")) << line;
    EXPECT_EQ(match[4].str().find("retval") != std::string::npos && !returns, false) << line;
    EXPECT_TRUE(functions.emplace(match[3], returns).second) << line;
  }
  return functions;
}

Probed BpftraceFunctions() {
  static const std::regex kProbe(
      R"re((kprobe|kretprobe):(\w+) \{\n  printf\("holdfast %d %d %llu ([<>]) (\w+)((?: \w+=(?:0x%lx|%d))*)\\n", cpu, tid, nsecs((?:, (?:arg[01]|\(int32\)retval))*)\);\n\})re");
  const std::string text(kBpftraceProbes);
  Probed functions;
  std::string rest = std::regex_replace(text, std::regex("(^|\n)//[^\n]*"), "\n");
  for (std::sregex_iterator it(text.begin(), text.end(), kProbe), end; it != end; ++it) {
    const std::smatch& match = *it;
    const bool returns = match[1] == "kretprobe";
    EXPECT_EQ(match[2], match[4]);
    EXPECT_EQ(match[3], returns ? "<" : ">");
    const std::string formats = match[5], values = match[6];
    EXPECT_EQ(std::count(formats.begin(), formats.end(), '%'),
              std::count(values.begin(), values.end(), ','))
        << match[2];
    EXPECT_TRUE(functions.emplace(match[2], returns).second) << match[2];
  }
  rest = std::regex_replace(rest, kProbe, "");
  EXPECT_EQ(rest.find_first_not_of('\n'), std::string::npos) << rest;
  return functions;
}

TEST(Probes, TheTwoFilesNameTheSameFunctions) { EXPECT_EQ(FtraceFunctions(), BpftraceFunctions()); }

TEST(Probes, TheReaderKnowsEachOfThem) {
  std::set<Probe> known;
  for (const auto& [function, returns] : FtraceFunctions()) {
    const auto probe = ProbeOf(function);
    ASSERT_TRUE(probe) << function;
    known.insert(*probe);
  }
  EXPECT_EQ(known.size(), kProbeCount);
}

TEST(Probes, AnotherFunctionIsNone) {
  for (const char* name : {"iommu_attach_device", "intel_iommu_preserve_x", "preserve", ""})
    EXPECT_FALSE(ProbeOf(name)) << name;
}

}  // namespace
}  // namespace holdfast
