#include "model/text/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace holdfast {
namespace {

constexpr char kHead[] = "# A claim.\nprofile v3\ntopology iommu0(dev0 dev1) dom0\n";

constexpr char kExample[] =
    "# A failed hw preserve spends its slots, leaves nothing live, and can be retried.\n"
    "profile v3\n"
    "topology iommu0(dev0 dev1) dom0\n"
    "preserve_file                                           = 0\n"
    "preserve_domain dom0                                    = 0\n"
    "preserve_device dom0 dev0 fail=iommu.preserve           = -ENOMEM\n"
    "preserve_device dom0 dev0                               = 0  # again\n"
    "preserve_device dom0 dev0                               = 0\n"
    "\n"
    "# Two records of one device.\n"
    "state domains[dom0] iommus[x iommu0*2] devices[x dev0:#0 dev0:dom0]\n"
    "unpreserve_device dom0 dev0                             = void\n";

std::string ErrorOf(const std::string& text, Completeness completeness = Completeness::kComplete) {
  const auto parsed = ParseTrace(text, "x.trace", completeness);
  const std::string* error = std::get_if<std::string>(&parsed);
  return error == nullptr ? "no error" : *error;
}

Trace Parse(const std::string& text, Completeness completeness = Completeness::kComplete) {
  auto parsed = ParseTrace(text, "x.trace", completeness);
  EXPECT_TRUE(std::holds_alternative<Trace>(parsed)) << ErrorOf(text, completeness);
  return std::holds_alternative<Trace>(parsed) ? std::get<Trace>(parsed) : Trace();
}

// The error of one line that stands behind the head.
std::string LineError(const std::string& line) { return ErrorOf(kHead + line + "\n"); }

TEST(TraceText, TheExampleOfTheDocumentComesBackAsItWas) {
  const Trace trace = Parse(kExample);
  EXPECT_EQ(trace.claim(),
            "A failed hw preserve spends its slots, leaves nothing live, and can be retried.");
  EXPECT_EQ(trace.scenario.commands.size(), 6u);
  EXPECT_EQ(trace.scenario.profile.name, "v3");
  // "dev0:#0" names the last live record of dom0, which has a name.
  std::string canonical = kExample;
  canonical.replace(canonical.find("#0"), 2, "dom0");
  EXPECT_EQ(PrintTrace(trace), canonical);
  EXPECT_EQ(PrintTrace(Parse(canonical)), canonical);
}

TEST(TraceText, BlanksAndSpellingsBecomeCanonical) {
  EXPECT_EQ(
      PrintTrace(Parse("#claim\ntopology dom0 iommu0( dev0 )\n  preserve_file\t= void # why\n\t\n"
                       "for_each_dev iommu0 fail=kho_alloc:-EIO@2 stop=1 = 0")),
      "#claim\ntopology iommu0(dev0) dom0\n"
      "preserve_file                                           = 0  # why\n\n"
      "for_each_dev iommu0 stop=1 fail=kho_alloc@2:-EIO        = void\n");
}

TEST(TraceText, ALongCallHasOneSpaceBeforeItsOutcome) {
  const std::string call =
      "preserve_device dom0 dev0 fail=iommu.preserve_device@255:-EPROTONOSUPPORT = -EIO\n";
  EXPECT_EQ(PrintTrace(Parse(kHead + call)), kHead + call);
}

TEST(TraceText, WithoutAProfileItIsTheSeeds) {
  EXPECT_EQ(Parse("# c\ntopology iommu0\n").scenario.profile.name, "v3");
  EXPECT_EQ(Parse("# c\nprofile v5 luo=A\ntopology iommu0\n").scenario.profile.luo, Luo::kStageA);
}

TEST(TraceText, WhatIsMissingIsFilledInFromTheModel) {
  Trace filled = Parse(
      "# c\ntopology iommu0(dev0) dom0\nunpreserve_file\npreserve_file\npreserve_device dom0 dev0 "
      "=\nstate\n"
      "state files=9 refs=9\nstate no-flb\n",
      Completeness::kToFillIn);
  FillIn(filled);
  EXPECT_EQ(PrintTrace(filled),
            "# c\ntopology iommu0(dev0) dom0\n"
            "unpreserve_file                                         = WARN\n"
            "preserve_file                                           = 0\n"
            "preserve_device dom0 dev0                               = -EINVAL\n"
            "state domains[] iommus[] devices[]\n"
            "state files=1 refs=1\n"
            "state domains[] iommus[] devices[]\n");
}

TEST(TraceText, AClaimThatNeedsNoFlbIsFilledInWholeWhereThereIsOne) {
  Trace trace =
      Parse("# c\ntopology iommu0\npreserve_file\nstate no-flb files=1 pointers[] kho[]\n",
            Completeness::kToFillIn);
  FillIn(trace);
  EXPECT_TRUE(PrintTrace(trace).ends_with("\nstate domains[] iommus[] devices[]\n"))
      << PrintTrace(trace);
}

TEST(TraceText, AScenarioBecomesATrace) {
  const Trace made = MakeTrace({.profile = *FindProfile("v5"),
                                .topology = MakeTopology(1, 1, 1),
                                .commands = {PreserveFile(), PreserveDomain(0), PreserveDomain(0)}},
                               "Twice.");
  EXPECT_EQ(PrintTrace(made),
            "# Twice.\nprofile v5\ntopology iommu0(dev0) dom0\n"
            "preserve_file                                           = 0\n"
            "preserve_domain dom0                                    = 0\n"
            "preserve_domain dom0                                    = -EBUSY\n");
  EXPECT_EQ(Parse(PrintTrace(made)).scenario, made.scenario);
}

TEST(TraceMistakes, EachIsNamedWithFileLineAndColumn) {
  EXPECT_EQ(ErrorOf(""),
            "x.trace:1:1: expected a comment, the claim of the trace; found an empty file");
  EXPECT_EQ(ErrorOf("profile v3\n"),
            "x.trace:1:1: expected a comment, the claim of the trace: # A sentence.");
  EXPECT_EQ(ErrorOf("#  \n"), "x.trace:1:4: expected the claim of the trace, a sentence");
  EXPECT_EQ(ErrorOf("# c\n"), "x.trace:2:1: expected a topology; found the end of the file");
  EXPECT_EQ(ErrorOf("# c\npreserve_file = 0\n"), "x.trace:2:1: expected a profile or a topology");
  EXPECT_EQ(ErrorOf("# c\nprofile v3\nstate no-flb\n"), "x.trace:3:1: expected a topology");
  EXPECT_EQ(ErrorOf("# c\nprofile v4\n"),
            "x.trace:2:9: expected a profile: v3, v5, off; found 'v4'");
  EXPECT_EQ(ErrorOf("# c\nprofile v3\nprofile v3\n"),
            "x.trace:3:1: expected the profile once, before the topology");
  EXPECT_EQ(LineError("topology iommu0"), "x.trace:4:1: expected the topology once");
  EXPECT_EQ(LineError("preserve_flie = 0"),
            "x.trace:4:1: expected a verb such as preserve_device; found 'preserve_flie'");
  EXPECT_EQ(LineError("preserve_domain dom1 = 0"),
            "x.trace:4:17: expected a domain of the topology, dom0; found 'dom1'");
  EXPECT_EQ(LineError("preserve_domain = 0"),
            "x.trace:4:17: expected a domain of the topology, dom0; found nothing");
  EXPECT_EQ(LineError("preserve_file"), "x.trace:4:14: expected = and the outcome of the call");
  EXPECT_EQ(LineError("preserve_file ="),
            "x.trace:4:16: expected an outcome of preserve_file: 0, an error such as -ENOMEM, or "
            "CRASH; found nothing");
  EXPECT_EQ(LineError("preserve_file=0"), "x.trace:4:14: expected the end of the call; found '=0'");
  EXPECT_EQ(LineError("preserve_file = 0 = 0"), "x.trace:4:19: expected no more here; found '='");
  EXPECT_EQ(LineError("preserve_domain dom0   = WARN"),
            "x.trace:4:26: expected an outcome of preserve_domain: 0, an error such as -ENOMEM, or "
            "CRASH; found 'WARN'");
  EXPECT_EQ(LineError("state"),
            "x.trace:4:6: expected a section such as devices[dev0:dom0]; found nothing");
  EXPECT_EQ(LineError("state domains[dom1]"),
            "x.trace:4:15: expected a domain of the topology, dom0; found 'dom1'");
  EXPECT_EQ(LineError("breaks R17"), "x.trace:4:8: expected a rule, R1 to R16");
  EXPECT_EQ(LineError("breaks R1\npreserve_file = 0"),
            "x.trace:5:1: expected the end of the trace after `breaks`");
}

TEST(TraceMistakes, OnlyPlainUtf8TextIsTaken) {
  EXPECT_EQ(ErrorOf("\xef\xbb\xbf# c\n"), "x.trace:1:1: expected no byte order mark");
  EXPECT_EQ(ErrorOf("# c\r\n"), "x.trace:1:4: expected a line that ends in LF, not in CR LF");
  EXPECT_EQ(ErrorOf(std::string("# c\0d\n", 6)),
            "x.trace:1:4: expected text; found a control character");
  EXPECT_EQ(ErrorOf("# c\xc3\x28\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# c\xc0\xaf\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# c\xe0\x80\xaf\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# c\xf0\x80\x80\xaf\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# c\xe2\x82\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# c\xed\xa0\x80\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# c\xf4\x90\x80\x80\n"), "x.trace:1:4: expected UTF-8");
  EXPECT_EQ(ErrorOf("# a \xe2\x80\xae claim\n"),
            "x.trace:1:5: expected text; found a character that reorders the line on a screen");
  EXPECT_EQ(ErrorOf("# a claim\n# \xe2\x81\xa9\n"),
            "x.trace:2:3: expected text; found a character that reorders the line on a screen");
  EXPECT_EQ(ErrorOf("# caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7\ntopology iommu0\n"), "no error");
}

// A parser that is slower than its input is long is ended by the test's own limit of time.
TEST(TraceMistakes, NoInputIsTooBigForAnAnswer) {
  EXPECT_EQ(ErrorOf(std::string(std::size_t{100} << 20, 'a')),
            "x.trace:1:1: expected a file of at most 4194304 bytes");
  EXPECT_EQ(ErrorOf("# c\n" + std::string(kMaxLineBytes + 1, 'a')),
            "x.trace:2:1: expected a line of at most 65536 bytes");
  std::string calls = kHead;
  for (std::size_t i = 0; i <= kMaxTraceCalls; ++i) calls += "preserve_file = 0\n";
  EXPECT_EQ(ErrorOf(calls), "x.trace:32004:1: expected at most 32000 calls");
  EXPECT_EQ(ErrorOf(std::string(kMaxTraceBytes, '\n')),
            "x.trace:1:1: expected a comment, the claim of the trace: # A sentence.");
}

// --- Repeats -------------------------------------------------------------------------------------

constexpr char kRepeated[] =
    "# A claim.\n"
    "profile v3\n"
    "topology iommu0(dev0 dev1) dom0\n"
    "preserve_file                                           = 0\n"
    "repeat 300\n"
    "  preserve_domain dom0                                    = 0\n"
    "\n"
    "  unpreserve_domain dom0                                  = void  # again\n"
    "end\n"
    "unpreserve_file                                         = void\n";

TEST(TraceRepeat, StandsForItsTurns) {
  const Trace trace = Parse(kRepeated);
  ASSERT_EQ(trace.scenario.commands.size(), 602u);
  for (std::size_t i = 1; i < 601; ++i) {
    EXPECT_EQ(trace.scenario.commands[i], i % 2 == 1 ? PreserveDomain(0) : UnpreserveDomain(0));
    EXPECT_EQ(trace.lines[5].Makes(i), i % 2 == 1);
    EXPECT_EQ(trace.lines[7].Makes(i), i % 2 == 0);
  }
  EXPECT_TRUE(trace.lines[9].Makes(601));
  EXPECT_EQ(PrintTrace(trace), kRepeated);
}

TEST(TraceRepeat, IsFilledIn) {
  std::string text = kRepeated;
  for (std::size_t at; (at = text.find(" = ")) != std::string::npos;)
    text.erase(at, text.find_first_of("#\n", at) - at);
  EXPECT_EQ(text.find('='), std::string::npos);
  Trace trace = Parse(text, Completeness::kToFillIn);
  FillIn(trace);
  EXPECT_EQ(PrintTrace(trace), kRepeated);
}

// Of a scenario, what is long and all the same is folded, and comes back as it was.
TEST(TraceRepeat, IsMadeOfALongScenario) {
  Scenario scenario = Parse(kExample).scenario;
  const std::vector<Command> few = scenario.commands;
  for (int turn = 0; turn < 20'000; ++turn) {
    scenario.commands.push_back(UnpreserveDomain(0));
    scenario.commands.push_back(PreserveDomain(0));
    if (turn == 300) scenario.commands.push_back(PreserveFile());
  }
  const std::string text = PrintScenario(scenario, "A claim.");
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 30);
  const Trace trace = Parse(text);
  EXPECT_EQ(trace.scenario.commands, scenario.commands);
  EXPECT_EQ(PrintTrace(trace), text);
  scenario.commands.resize(few.size() + 20);
  EXPECT_EQ(PrintScenario(scenario).find("repeat"), std::string::npos);
}

TEST(TraceRepeat, MistakesHaveTheirPlace) {
  EXPECT_EQ(LineError("repeat"), "x.trace:4:7: expected a number of turns from 2 to 1000000");
  for (const char* bad : {"1", "0", "02", "-2", "2x", "1000001", "99999999999999999999", "2 3"}) {
    EXPECT_EQ(LineError(std::string("repeat ") + bad),
              "x.trace:4:8: expected a number of turns from 2 to 1000000")
        << bad;
  }
  EXPECT_EQ(LineError("end"), "x.trace:4:1: expected a `repeat` before its `end`");
  EXPECT_EQ(LineError("repeat 2\nend"), "x.trace:5:1: expected a call in the repeat");
  EXPECT_EQ(LineError("repeat 2\npreserve_file = 0\nend 2"), "x.trace:6:5: expected no more here");
  EXPECT_EQ(LineError("repeat 2\npreserve_file = 0"),
            "x.trace:6:1: expected the `end` of the repeat; found the end of the file");
  for (const char* inside : {"repeat 2", "state no-flb", "breaks R1"}) {
    EXPECT_EQ(LineError("repeat 2\n" + std::string(inside)),
              "x.trace:5:1: expected a call or the `end` of the repeat");
  }
  EXPECT_EQ(LineError("repeat 1000000\npreserve_file = 0\nunpreserve_file = void\nend"),
            "x.trace:7:1: expected at most 1000000 calls, all turns counted");
  EXPECT_EQ(
      LineError("preserve_file = 0\nrepeat 40000\npreserve_domain dom0 = 0\n"
                "unpreserve_domain dom0 = void\nend"),
      "x.trace:1:1: expected at most 32000 slots of a chain or files, and 250 claims at one time; "
      "the repeats make more");
  EXPECT_EQ(LineError("repeat 40000\npreserve_file = 0\nend"),
            LineError("repeat 300\nclaim_dma_owner dev0 = 0\nend"));
  EXPECT_EQ(LineError("repeat 40000\npreserve_file = 0\nend").find("x.trace:1:1: "), 0u);
}

}  // namespace
}  // namespace holdfast
