#include "cli/html/page.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/report/json.h"

namespace holdfast {
namespace {

const std::string kBegin = R"(<script type="application/json" id="data">)";

// The text of the element that has the data, as a reader of HTML finds its end.
std::string DataOf(const std::string& page) {
  const std::size_t begin = page.find(kBegin) + kBegin.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

Json ReportOf(const std::string& sut) {
  Json report = JsonReport("run");
  report["sut"] = sut;
  return report;
}

TEST(Page, HasTheReport) {
  const Json report = ReportOf("core.v3");
  EXPECT_EQ(Json::parse(DataOf(Page(report))), report);
}

TEST(Page, NoTextEndsTheElementThatItStandsIn) {
  const std::size_t elements = [] {
    std::size_t count = 0;
    const std::string page = Page(ReportOf("core.v3"));
    for (std::size_t at = 0; (at = page.find("<script", at)) != std::string::npos; ++at) ++count;
    return count;
  }();
  for (const std::string name :
       {"</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;", "\\u003c/script>",
        "\"'`\\", "@SCRIPT@", "@DATA@ @STYLE@", ")SOURCE\"", "\u2028"}) {
    const Json report = ReportOf(name);
    const std::string page = Page(report);
    EXPECT_EQ(Json::parse(DataOf(page)), report) << name;
    EXPECT_EQ(DataOf(page).find('<'), std::string::npos) << name;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = page.find("<script", at)) != std::string::npos; ++at) ++count;
    EXPECT_EQ(count, elements) << name;
  }
}

TEST(Page, BytesThatAreNoTextAreReplaced) {
  const std::string page = Page(ReportOf("core\xff.v3"));
  EXPECT_EQ(Json::parse(DataOf(page))["sut"], "core\uFFFD.v3");
}

TEST(Page, ALongTextIsCut) {
  Json report = ReportOf("core.v3");
  report["traces"] = {{{"report", std::string(2'000'000, 'x')}}};
  const std::string page = Page(report);
  EXPECT_LT(page.size(), 200'000u);
  const std::string shown = Json::parse(DataOf(page))["traces"][0]["report"];
  EXPECT_TRUE(shown.ends_with(" more characters)")) << shown.substr(shown.size() - 40);
}

TEST(Page, IsOneFile) {
  const std::string page = Page(ReportOf("core.v3"));
  for (const char* loads : {"src=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML",
                            "document.write", "<link"})
    EXPECT_EQ(page.find(loads), std::string::npos) << loads;
  for (std::size_t at = 0; (at = page.find("http", at)) != std::string::npos; ++at) {
    const bool names =
        page.compare(at, 26, "http://www.w3.org/2000/svg") == 0 ||  // a name, no file
        page.compare(at, 10, "http-equiv") == 0;
    EXPECT_TRUE(names) << page.substr(at, 40);
  }
  for (const char* mark : {"@STYLE@", "@SCRIPT@", "@DATA@"})
    EXPECT_EQ(page.find(mark), std::string::npos) << mark;
}

TEST(WritePage, SaysWhatFailed) {
  EXPECT_EQ(WritePage("", ReportOf("core.v3")), "");
  EXPECT_NE(WritePage("no/such/folder/page.html", ReportOf("core.v3")), "");
  EXPECT_FALSE(std::filesystem::exists("no"));
}

TEST(WritePage, WritesThePage) {
  const std::string path = testing::TempDir() + "/page.html";
  ASSERT_EQ(WritePage(path, ReportOf("core.v3")), "");
  std::ostringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_EQ(written.str(), Page(ReportOf("core.v3")));
}

}  // namespace
}  // namespace holdfast
