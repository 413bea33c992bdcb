// A wrong answer to a damaged image is a hazard. Where every rule is owed, or where every version
// refuses, the answer is the verdict.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cli/report/run_report.h"

namespace holdfast {
namespace {

RunReport Report(bool hardened, bool every_version_refuses) {
  const DamagedField field = {"link of a page of devices", "its own page", every_version_refuses};
  DamagedImageResult damaged;
  damaged.handover.profile = *FindProfile("v3");
  damaged.damages = 3;
  damaged.wrong_answers = {{field, DamageAnswer::kEndless, "a call does not return", 2}};
  damaged.hardened = hardened;
  damaged.answers[static_cast<std::size_t>(DamageAnswer::kRefused)] = 1;
  damaged.answers[static_cast<std::size_t>(DamageAnswer::kEndless)] = 2;
  RunReport report;
  report.sut = "core";
  report.written_to = "v3";
  report.profile = *FindProfile("v3");
  report.hardened = hardened;
  report.origin = "damaged image";
  report.parts.push_back({.name = "damaged image", .unit = "damage", .cases = 3});
  report.parts.back().damaged = std::move(damaged);
  return report;
}

std::string LastLine(const std::string& text) {
  return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

TEST(DamagedImageReport, AHazardIsListed) {
  const RunReport report = Report(/*hardened=*/false, /*every_version_refuses=*/false);
  EXPECT_EQ(PrintPart(report.parts[0]),
            "damaged image                       3 damages                    0  conforms: "
            "1 refused, 0 stopped by a BUG, 0 unnoticed, 2 endless\n");
  const std::string text = PrintFindings(report);
  EXPECT_NE(text.find("  endless   link of a page of devices: its own page (and 1 more): a call "
                      "does not return\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(LastLine(text),
            "verdict: conforms core profile v3: 0 checked commands, 1 hazard, "
            "seed 0\n");
  const Json json = RunReportJson(report);
  EXPECT_EQ(json["verdict"], "conforms");
  EXPECT_EQ(json["damaged_image"]["endless"], 2);
  EXPECT_EQ(json["damaged_image"]["wrong_answers"][0]["alike"], 2);
  EXPECT_FALSE(json.contains("divergence"));
}

TEST(DamagedImageReport, AHazardIsTheVerdictWhereEveryRuleIsOwed) {
  const RunReport report = Report(/*hardened=*/true, /*every_version_refuses=*/false);
  EXPECT_NE(PrintPart(report.parts[0]).find("  diverges: 1 refused"), std::string::npos);
  EXPECT_EQ(LastLine(PrintFindings(report)),
            "verdict: diverges core profile v3: R12 handover, damaged image: link of a page of "
            "devices endless, seed 0\n");
  const Json json = RunReportJson(report);
  EXPECT_EQ(json["verdict"], "diverges");
  EXPECT_EQ(json["divergence"]["rules"], Json::array({"R12"}));
  EXPECT_EQ(json["divergence"]["origin"], "damaged image");
}

TEST(DamagedImageReport, AWrongAnswerIsTheVerdictWhereEveryVersionRefuses) {
  const RunReport report = Report(/*hardened=*/false, /*every_version_refuses=*/true);
  const std::string text = PrintFindings(report);
  EXPECT_NE(text.find("divergence: damaged image\nrule R12 handover: "), std::string::npos) << text;
  EXPECT_NE(text.find(": a call does not return; every version refuses\n"), std::string::npos)
      << text;
  EXPECT_EQ(RunReportJson(report)["verdict"], "diverges");
}

}  // namespace
}  // namespace holdfast
