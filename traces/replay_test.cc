#include "model/text/trace.h"
#include "traces/replay.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <variant>

#include "properties/lockstep/counterexample.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/model_sut.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

using Verdict = ReplayResult::Verdict;

constexpr char kGood[] =
    "# A device is preserved.\n"
    "profile v3\n"
    "topology iommu0(dev0) dom0\n"
    "preserve_file                                           = 0\n"
    "preserve_domain dom0                                    = 0\n"
    "preserve_device dom0 dev0                               = 0\n"
    "state domains[dom0] iommus[iommu0] devices[dev0:dom0]\n";

const Profile& V3() { return *FindProfile("v3"); }

ReplayResult ReplayText(const std::string& text, Sut& sut) {
  auto parsed = ParseTrace(text, "x.trace");
  if (auto* error = std::get_if<std::string>(&parsed))
    return {.verdict = Verdict::kMistaken, .report = *error};
  return Replay(std::get<Trace>(parsed), sut);
}

std::string Changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// An implementation that answers preserve_device with -EBUSY.
ModelSut Busy() {
  return ModelSut(V3(), [](const Command& command, Outcome& outcome, Observation&) {
    if (command.verb == Verb::kPreserveDevice) outcome.error = -EBUSY;
  });
}

TEST(Replay, AConformingImplementationConforms) {
  ModelSut sut(V3());
  const ReplayResult result = ReplayText(kGood, sut);
  EXPECT_EQ(result.verdict, Verdict::kConforms);
  EXPECT_EQ(result.report, "");
}

TEST(Replay, ARepeatIsRunTurnByTurn) {
  const std::string text =
      "# A claim.\ntopology iommu0(dev0) dom0\nrepeat 70000\npreserve_file = 0\n"
      "unpreserve_file = 0\nend\n";
  std::uint64_t calls = 0;
  ModelSut turns(V3(), [&calls](const Command&, Outcome& outcome, Observation&) {
    if (++calls == 65'536) outcome.error = -EIO;
  });
  const ReplayResult result = ReplayText(text, turns);
  EXPECT_EQ(result.verdict, Verdict::kDiverges);
  EXPECT_EQ(result.report.find("x.trace:5: "), 0u) << result.report;
  ModelSut sound(V3());
  EXPECT_EQ(ReplayText(text, sound).verdict, Verdict::kConforms);
}

// The first turn is as the trace says, and the second is not.
TEST(Replay, AMistakeOfALaterTurnIsNamedOnce) {
  ModelSut sut(*FindProfile("v5"));
  const ReplayResult result = ReplayText(
      "# A claim.\nprofile v5\ntopology iommu0(dev0) dom0\npreserve_file = 0\nrepeat 5\n"
      "preserve_domain dom0 = 0\nend\n",
      sut);
  EXPECT_EQ(result.verdict, Verdict::kMistaken);
  EXPECT_EQ(result.report,
            "x.trace:6:24: expected -EBUSY, as the model says, found 0 (rewrite fills it in), in "
            "turn 2\n");
}

TEST(Replay, ADivergenceNamesItsLineAndHowToSeeItAgain) {
  ModelSut sut = Busy();
  const ReplayResult result = ReplayText(kGood, sut);
  EXPECT_EQ(result.verdict, Verdict::kDiverges);
  EXPECT_TRUE(result.report.starts_with("x.trace:6: preserve_device dom0 dev0        R"))
      << result.report;
  EXPECT_NE(result.report.find("  outcome    model  0\n             sut    -EBUSY\n"),
            std::string::npos)
      << result.report;
  EXPECT_TRUE(result.report.ends_with("replay: ./holdfast replay x.trace\n")) << result.report;
}

TEST(Replay, AWrongOutcomeIsAMistakeOfTheTrace) {
  ModelSut sut(V3());
  const ReplayResult result =
      ReplayText(Changed(kGood, "dev0                               = 0", "dev0 = -EBUSY"), sut);
  EXPECT_EQ(result.verdict, Verdict::kMistaken);
  EXPECT_EQ(result.report,
            "x.trace:6:29: expected 0, as the model says, found -EBUSY (rewrite fills it in)\n");
}

TEST(Replay, AWrongCheckpointIsAMistakeOfTheTrace) {
  ModelSut sut(V3());
  const ReplayResult result = ReplayText(Changed(kGood, "iommus[iommu0]", "iommus[iommu0*2]"), sut);
  EXPECT_EQ(result.verdict, Verdict::kMistaken);
  EXPECT_EQ(
      result.report,
      "x.trace:7:7: expected domains[dom0] iommus[iommu0] devices[dev0:dom0], as the model says, "
      "found\n"
      "    domains[dom0] iommus[iommu0*2] devices[dev0:dom0] (rewrite fills it in)\n");
}

TEST(Replay, AFaultThatNeverFiresIsAMistakeOfTheTrace) {
  ModelSut sut(V3());
  const ReplayResult result =
      ReplayText(Changed(kGood, "dom0 dev0 ", "dom0 dev0 fail=kho_alloc@2 "), sut);
  EXPECT_EQ(result.verdict, Verdict::kMistaken);
  EXPECT_NE(result.report.find(
                "expected a fault that fires; the call does not come to kho_alloc that often"),
            std::string::npos)
      << result.report;
}

TEST(Replay, ADivergenceComesBeforeAMistake) {
  ModelSut sut = Busy();
  const ReplayResult result = ReplayText(Changed(kGood, "iommus[iommu0]", "iommus[]"), sut);
  EXPECT_EQ(result.verdict, Verdict::kDiverges);
  EXPECT_LT(result.report.find("x.trace:6: preserve_device"),
            result.report.find("x.trace:7:7: expected"));
}

TEST(Replay, ARuleThatTheProfileItselfBreaksIsAnnounced) {
  const std::string leak =
      "# The seed never puts the FLB.\nprofile v3 luo=C\ntopology iommu0 dom0\npreserve_file = "
      "0\npreserve_domain dom0 = 0\n";
  ModelSut sut(V3());
  EXPECT_EQ(ReplayText(leak, sut).verdict, Verdict::kDiverges);
  EXPECT_EQ(ReplayText(leak + "breaks R11\n", sut).verdict, Verdict::kConforms);
  EXPECT_EQ(ReplayText(leak + "breaks R1\n", sut).verdict, Verdict::kDiverges);
  const ReplayResult unbroken = ReplayText(kGood + std::string("breaks R11\n"), sut);
  EXPECT_EQ(unbroken.verdict, Verdict::kMistaken);
  EXPECT_EQ(unbroken.report,
            "x.trace:8:8: expected no `breaks` line; nothing that is owed is broken here, and "
            "found breaks R11\n");
}

TEST(Replay, ACounterexampleIsATrace) {
  Cases cases(V3(), Mode::kHostile, 1);
  for (int i = 0; i < 200; ++i) {
    const Scenario scenario = cases.Next();
    const std::string text = PrintScenario(scenario, "A claim.");
    EXPECT_EQ(PrintTrace(MakeTrace(scenario, "A claim.")), text);
    const auto parsed = ParseTrace(text, "x.trace");
    ASSERT_TRUE(std::holds_alternative<Trace>(parsed)) << std::get<std::string>(parsed);
    EXPECT_EQ(std::get<Trace>(parsed).scenario, scenario) << text;
  }
}

class RewriteTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  std::string Read() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  std::size_t FilesBeside() const {
    const auto files =
        std::filesystem::directory_iterator(std::filesystem::path(path_).parent_path());
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "/rewriteXXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    path_ = folder + "/x.trace";
  }
  void TearDown() override {
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path());
  }

  std::string path_;
};

TEST_F(RewriteTest, FillsInFromTheModelAndKeepsComments) {
  Write(
      "# A device is preserved.\nprofile v3\ntopology iommu0(dev0) "
      "dom0\npreserve_file\npreserve_domain dom0 = -EIO\n"
      "preserve_device dom0 dev0\nstate\n");
  ModelSut sut(V3());
  EXPECT_EQ(Rewrite(path_, sut).verdict, Verdict::kConforms);
  EXPECT_EQ(Read(), kGood);
}

TEST_F(RewriteTest, NeverTakesAnOutcomeFromTheImplementation) {
  Write(kGood);
  ModelSut sut = Busy();
  EXPECT_EQ(Rewrite(path_, sut).verdict, Verdict::kDiverges);
  EXPECT_EQ(Read(), kGood);
}

TEST_F(RewriteTest, LeavesAFileThatCannotBeParsed) {
  Write("# c\ntopology iommu0\npreserve_fire\n");
  ModelSut sut(V3());
  const ReplayResult result = Rewrite(path_, sut);
  EXPECT_EQ(result.verdict, Verdict::kMistaken);
  EXPECT_EQ(result.report,
            path_ + ":3:1: expected a verb such as preserve_device; found 'preserve_fire'\n");
  EXPECT_EQ(Read(), "# c\ntopology iommu0\npreserve_fire\n");
}

TEST_F(RewriteTest, LeavesNoOtherFileAndKeepsThePermissions) {
  Write(kGood);
  std::filesystem::permissions(path_, std::filesystem::perms(0640));
  ModelSut sut(V3());
  Rewrite(path_, sut);
  EXPECT_EQ(FilesBeside(), 1u);
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms(0640));
}

TEST_F(RewriteTest, AFileThatIsNotThereIsAnError) {
  ModelSut sut(V3());
  const ReplayResult result = Rewrite(path_, sut);
  EXPECT_EQ(result.verdict, Verdict::kMistaken);
  EXPECT_EQ(result.report, path_ + ":1:1: expected a readable file: No such file or directory\n");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace holdfast
