#include "cli/report/ktap.h"

#include <string>

#include <gtest/gtest.h>

namespace holdfast {
namespace {

Json RunJson(const std::string& verdict) {
  Json report = JsonReport("run");
  report.update({{"sut", "core"},
                 {"profile", "v3"},
                 {"verdict", verdict},
                 {"parts", Json::array()},
                 {"hazards", Json::array()}});
  return report;
}

Json Part(const std::string& name, const std::string& verdict) {
  return {{"name", name}, {"cases", 41'000}, {"unit", "state"}, {"verdict", verdict}};
}

Json Divergence() {
  return {{"shrunk_trace", "# core breaks R2 counted.\nprofile v3\n"},
          {"report", "  preserve_file   R2 counted\n"},
          {"shortest", "proved"},
          {"replay", "holdfast replay t"}};
}

TEST(Ktap, EachPartIsASubtest) {
  Json report = RunJson("conforms");
  report["parts"] = {Part("corpus", "conforms"), Part("callers at once", "not checked"),
                     Part("memory 3,2,2", "not finished"), Part("random", "not finished")};
  report["parts"][1]["why"] = "a call is repeated";
  report["parts"][3]["total"] = 2'000'000;
  report["hazards"].push_back(
      {{"rule", "R4"}, {"clauses", "C2"}, {"commands", {"preserve_file", "freeze"}}});
  EXPECT_EQ(PrintKtap(report),
            "KTAP version 1\n"
            "1..1\n"
            "  KTAP version 1\n"
            "  1..4\n"
            "  ok 1 corpus\n"
            "  ok 2 callers at once # SKIP a call is repeated\n"
            "  ok 3 memory 3,2,2 # not finished: 41,000 of ? states\n"
            "  ok 4 random # not finished: 41,000 of 2,000,000 states\n"
            "# hazard R4 C2: preserve_file; freeze\n"
            "ok 1 core profile v3\n");
}

TEST(Ktap, AFailureIsToldBeforeItsResult) {
  Json report = RunJson("diverges");
  report["parts"] = {Part("corpus", "conforms"), Part("random", "diverges")};
  report["divergence"] = Divergence();
  EXPECT_EQ(PrintKtap(report),
            "KTAP version 1\n"
            "1..1\n"
            "  KTAP version 1\n"
            "  1..2\n"
            "  ok 1 corpus\n"
            "  # # core breaks R2 counted.\n"
            "  # profile v3\n"
            "  #\n"
            "  #   preserve_file   R2 counted\n"
            "  # shortest: proved\n"
            "  # replay: holdfast replay t\n"
            "  not ok 2 random\n"
            "not ok 1 core profile v3\n");
}

// The shrinking of a hazard is no part, but finds divergences.
TEST(Ktap, AFailureOfNoPartIsOfTheWhole) {
  Json report = RunJson("diverges");
  report["parts"] = Json::array({Part("corpus", "conforms")});
  report["divergence"] = Divergence();
  const std::string text = PrintKtap(report);
  EXPECT_NE(text.find("  ok 1 corpus\n# # core breaks R2 counted.\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\nnot ok 1 core profile v3\n")) << text;
}

TEST(Ktap, AnInterruptedRunDoesNotPass) {
  EXPECT_EQ(PrintKtap(RunJson("interrupted")),
            "KTAP version 1\n1..1\n  KTAP version 1\n  1..0\n"
            "not ok 1 core profile v3 # ERROR interrupted\n");
}

TEST(Ktap, EachTraceIsASubtest) {
  Json report = JsonReport("replay");
  report["verdict"] = "diverges";
  report["traces"] = {
      {{"file", "a#b.trace"}, {"verdict", "conforms"}, {"report", ""}},
      {{"file", "c\nok 9 forged"}, {"verdict", "diverges"}, {"report", "c: R2\nmore\n"}}};
  EXPECT_EQ(PrintKtap(report),
            "KTAP version 1\n"
            "1..1\n"
            "  KTAP version 1\n"
            "  1..2\n"
            "  ok 1 a_b.trace\n"
            "  # c: R2\n"
            "  # more\n"
            "  not ok 2 c_ok 9 forged\n"
            "not ok 1 replay\n");
}

}  // namespace
}  // namespace holdfast
