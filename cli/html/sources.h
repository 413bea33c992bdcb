// The sources of the page, as they stand in this folder. The build embeds them.
#ifndef HOLDFAST_CLI_HTML_SOURCES_H_
#define HOLDFAST_CLI_HTML_SOURCES_H_

#include <string_view>

namespace holdfast {

// page.html, with a mark for each of the others: @STYLE@, @DATA@ and @SCRIPT@, in this order.
extern const std::string_view kTemplate;
extern const std::string_view kStyle;   // page.css
extern const std::string_view kScript;  // the scripts, one after the other

}  // namespace holdfast

#endif  // HOLDFAST_CLI_HTML_SOURCES_H_
