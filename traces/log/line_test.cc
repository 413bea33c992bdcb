// Lines as the three tools print them, and lines that are wrong.

#include "traces/log/line.h"

#include <string>

#include "gtest/gtest.h"

namespace holdfast {
namespace {

using Kind = LogEvent::Kind;

LogEvent Parse(std::string_view line, LogFormat format = LogFormat::kUnknown) {
  const auto parsed = ParseLogLine(line, format);
  if (const auto* error = std::get_if<TextError>(&parsed)) {
    ADD_FAILURE() << line << "\ncolumn " << error->column << ": expected " << error->expected;
    return {};
  }
  return std::get<LogEvent>(parsed);
}

std::string ErrorOf(std::string_view line, LogFormat format = LogFormat::kUnknown) {
  const auto parsed = ParseLogLine(line, format);
  const auto* error = std::get_if<TextError>(&parsed);
  return error ? std::to_string(error->column) + " " + error->expected : "";
}

constexpr LogEvent kEntry = {.kind = Kind::kEntry,
                             .probe = Probe::kPreserveDevice,
                             .cpu = 3,
                             .task = 1234,
                             .domain = 0xffff888103a5c000,
                             .device = 0xffff888100c3f0c0,
                             .result = {}};
constexpr LogEvent kReturn = {
    .kind = Kind::kReturn, .probe = Probe::kPreserveDevice, .cpu = 3, .task = 1234, .result = -16};

TEST(Line, AnEntryInEachFormat) {
  for (const std::string_view line : {
           "       luo_test-1234  [003]   217.975284: iommu_preserve_device: "
           "(iommu_preserve_device+0x0/0x2a0) domain=0xffff888103a5c000 dev=0xffff888100c3f0c0",
           "        luo_test-1234    [003] d..1.   217.975284: iommu_preserve_device: "
           "(iommu_preserve_device+0x0/0x2a0) domain=0xffff888103a5c000 dev=0xffff888100c3f0c0",
           "        luo_test-1234    (   1230) [003] d..1.   217.975284: "
           "p_iommu_preserve_device_0: "
           "(iommu_preserve_device+0x0/0x2a0) arg1=0xffff888103a5c000 arg2=0xffff888100c3f0c0",
           "a b [1] x-1234  [003]   217.975284: mine: "
           "(iommu_preserve_device+0x0/0x2a0 [core]) domain=0xffff888103a5c000 "
           "dev=18446612686377840832",
           "luo_test  1234 [003]   217.975284: holdfast:iommu_preserve_device: (ffffffff81a34560) "
           "domain=0xffff888103a5c000 dev=0xffff888100c3f0c0",
           "luo_test  99/1234 [003]   217.975284:          1 probe:iommu_preserve_device: "
           "(ffffffff81a34560) domain=0xffff888103a5c000 dev=0xffff888100c3f0c0",
           "holdfast 3 1234 217975284000 > iommu_preserve_device domain=0xffff888103a5c000 "
           "dev=0xffff888100c3f0c0",
       }) {
    EXPECT_TRUE(Parse(line) == kEntry) << line;
  }
}

TEST(Line, AReturnInEachFormat) {
  for (const std::string_view line : {
           "luo-1234  [003]   217.975284: iommu_preserve_device_ret: "
           "(vfio_preserve+0x12/0x80 <- iommu_preserve_device) ret=-16",
           "luo-1234  [003]   217.975284: r_iommu_preserve_device_0: "
           "(vfio_preserve+0x12/0x80 <- iommu_preserve_device) arg1=0xfffffff0",
           "luo 1234 [003]   217.975284: probe:iommu_preserve_device__return: "
           "(ffffffff81a34560 <- ffffffff81b34560) ret=0xfffffffffffffff0",
           "luo 1234 [003]   217.975284: holdfast:iommu_preserve_device_ret: "
           "(ffffffff81a34560 <- ffffffff81b34560) ret=-16",
           "holdfast 3 1234 217975284000 < iommu_preserve_device ret=-16",
       }) {
    EXPECT_TRUE(Parse(line) == kReturn) << line;
  }
}

TEST(Line, WhatIsNotSaidIsNotSaid) {
  const LogEvent event = Parse(
      "luo-1  [000]   2.5: iommu_preserve_device: (iommu_preserve_device+0x0/0x2a0) dev=(fault)");
  EXPECT_EQ(event.kind, Kind::kEntry);
  EXPECT_EQ(event.domain, 0u);
  EXPECT_EQ(event.device, 0u);
  EXPECT_FALSE(Parse("holdfast 0 1 2 < iommu_preserve_device").result);
}

TEST(Line, AnOpOfADriver) {
  EXPECT_EQ(Parse("holdfast 0 1 2 > arm_smmu_preserve iommu=0x10").probe, Probe::kIommuPreserve);
  EXPECT_EQ(Parse("holdfast 0 1 2 > arm_smmu_preserve iommu=0x10").iommu, 0x10u);
  EXPECT_EQ(Parse("holdfast 0 1 2 > pt_iommu_vtdss_unpreserve").probe, Probe::kPtUnpreserve);
  EXPECT_EQ(Parse("holdfast 0 1 2 > iommu_domain_preserve").probe, Probe::kPreserveDomain);
}

TEST(Line, EventsThatAreLost) {
  const auto lost = [](std::string_view line, std::uint32_t cpu) {
    const LogEvent event = Parse(line);
    EXPECT_EQ(event.kind, Kind::kLost) << line;
    EXPECT_EQ(event.cpu, cpu) << line;
  };
  lost("CPU:2 [LOST 12 EVENTS]", 2);
  lost("CPU:7 [204600 EVENTS DROPPED]", 7);
  lost("CPU:7 [EVENTS DROPPED]", 7);
  lost("mplayer 13810 [002] 468011.402396: PERF_RECORD_LOST lost 3880", 2);
  lost("Lost 12 events", kAnyCpu);
}

TEST(Line, OtherLinesArePassedOver) {
  for (const std::string_view line : {
           "",
           "# tracer: nop",
           "version = 6",
           "cpus=8",
           "CPU 3 is empty",
           "Attaching 14 probes...",
           " => iommufd_fops_ioctl",
           "\tffffffff81a34560 iommu_preserve_device+0x0 ([kernel.kallsyms])",
           "          <idle>-0     [001]   217.975298: sched_switch: prev_comm=a: b dev=none",
           "swapper     0 [000]   12.345678:          1 sched:sched_switch: prev_comm=x ret=y",
           "holdfast 0 1 2 > iommu_attach_device dev=what",
       }) {
    EXPECT_EQ(Parse(line).kind, Kind::kOther) << line;
  }
}

TEST(Line, AMistakeHasItsColumn) {
  EXPECT_EQ(ErrorOf("what is this"), "1 an event of trace-cmd report, perf script or bpftrace");
  EXPECT_EQ(ErrorOf(std::string("holdfast 0\0", 11)), "11 text");
  EXPECT_EQ(ErrorOf("holdfast x"), "10 the number of a CPU");
  EXPECT_EQ(ErrorOf("holdfast 0 1 2 iommu_preserve_device"),
            "16 '>' for an entry or '<' for a return");
  EXPECT_EQ(ErrorOf("luo-1  [000]  yesterday"), "24 a time, such as 1234.567890:");
  EXPECT_EQ(ErrorOf("luo-1  [000]  2.5: what"), "20 the name of an event and ':'");
  EXPECT_EQ(ErrorOf("holdfast 0 1 2 > iommu_preserve_device dev=0x1g"),
            "44 a number, such as 0xffff888103a5c000 or -16");
}

TEST(Line, TheFirstLineFixesTheFormat) {
  LogFormat format = LogFormat::kUnknown;
  ParseLogLine("# a comment is of any format", format);
  EXPECT_EQ(format, LogFormat::kUnknown);
  ParseLogLine("luo 1234 [003]   217.975284: sched:sched_switch: x", format);
  EXPECT_EQ(format, LogFormat::kPerf);
  EXPECT_EQ(ErrorOf("holdfast 0 1 2 > x", format), "1 a line of perf script, as the lines before");
  EXPECT_EQ(ErrorOf("CPU:2 [LOST 12 EVENTS]", format),
            "1 a line of perf script, as the lines before");
}

}  // namespace
}  // namespace holdfast
