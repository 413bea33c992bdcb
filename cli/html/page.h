// The result of a command as one page to look at: the JSON of cli/report, and page.html, page.css
// and the scripts, in one file. Nothing else is loaded, from no network and no other file.
//
// The page shows what the JSON has, and nothing else. So whatever the page should show is a member
// of the JSON first (docs/report.md).
//
// A text of the JSON may come from an implementation, and may be anything. In the file it is data:
// no character of it ends the script element that it stands in. In the page it is text: the scripts
// never make elements out of it.
#ifndef HOLDFAST_CLI_HTML_PAGE_H_
#define HOLDFAST_CLI_HTML_PAGE_H_

#include <string>

#include "cli/report/json.h"

namespace holdfast {

// A text of the report that is longer than a reader reads is cut.
std::string Page(const Json& report);

// Writes the page to the file of --html; with no file, nothing. The result is empty, or a sentence
// that says what failed.
std::string WritePage(const std::string& path, const Json& report);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_HTML_PAGE_H_
