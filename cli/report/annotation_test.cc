#include "cli/report/annotation.h"

#include <string>

#include <gtest/gtest.h>

namespace holdfast {
namespace {

Json Diverging() {
  Json report = JsonReport("run");
  report["sut"] = "core: 100%";
  report["divergence"] = {
      {"rule", "R2"}, {"shrunk_trace", "profile v3\n"}, {"report", "  R2, 100%\n"}};
  return report;
}

TEST(Annotation, NamesTheLineOfTheImplementation) {
  Json report = Diverging();
  report["divergence"]["place"] = "drivers/iommu/a,b.c:310";
  EXPECT_EQ(Annotations(report),
            "::error file=drivers/iommu/a%2Cb.c,line=310,title=core%3A 100%25 breaks R2::"
            "profile v3%0A%0A  R2, 100%25%0A\n");
}

TEST(Annotation, HasNoFileWhereNoneIsKnown) {
  EXPECT_TRUE(Annotations(Diverging()).starts_with("::error title=core%3A 100%25 breaks R2::"));
}

TEST(Annotation, SaysWhatIsNotDeterministic) {
  Json report = Diverging();
  report["divergence"]["rule"] = "";
  EXPECT_NE(Annotations(report).find("is not deterministic"), std::string::npos);
}

TEST(Annotation, NamesEachTraceThatDiverges) {
  Json report = JsonReport("replay");
  report["traces"] = {
      {{"file", "a:1.trace"}, {"sut", "core"}, {"verdict", "conforms"}, {"report", ""}},
      {{"file", "b:1.trace"}, {"sut", "core"}, {"verdict", "diverges"}, {"report", "R2\n"}}};
  EXPECT_EQ(Annotations(report), "::error file=b%3A1.trace,title=core diverges::R2%0A\n");
}

TEST(Annotation, NamesTheLineOfALog) {
  Json report = JsonReport("check-log");
  report["file"] = "log.txt";
  report["divergence"] = {{"line", 7}, {"call", "iommu_preserve_device"}};
  EXPECT_EQ(Annotations(report),
            "::error file=log.txt,line=7,title=no run of the model::no state of the model allows "
            "this line of iommu_preserve_device\n");
}

TEST(Annotation, OfAConformingRunThereIsNone) { EXPECT_EQ(Annotations(JsonReport("run")), ""); }

}  // namespace
}  // namespace holdfast
