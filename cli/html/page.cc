#include "cli/html/page.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "cli/html/sources.h"
#include "model/text/trace_file.h"
#include "properties/lockstep/counterexample.h"

namespace holdfast {
namespace {

Json Shortened(const Json& json) {
  if (json.is_string()) return CutOff(json.get<std::string>());
  if (!json.is_structured()) return json;
  Json shortened = json;
  for (Json& member : shortened) member = Shortened(member);
  return shortened;
}

// The only characters of JSON that mean something to a reader of HTML stand in its texts. There,
// each can be written as \uXXXX.
std::string ForScript(const Json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    switch (c) {
      case '<': text += "\\u003c"; break;
      case '>': text += "\\u003e"; break;
      case '&': text += "\\u0026"; break;
      default: text += c;
    }
  }
  return text;
}

}  // namespace

std::string Page(const Json& report) {
  const std::string data = ForScript(Shortened(report));
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"@STYLE@", kStyle}, {"@DATA@", data}, {"@SCRIPT@", kScript}};
  // A mark in what is put in is no mark: each is looked for in the template alone.
  std::string page;
  std::size_t from = 0;
  for (const auto& [mark, part] : parts) {
    const std::size_t at = kTemplate.find(mark, from);
    page.append(kTemplate, from, at - from).append(part);
    from = at + mark.size();
  }
  return page.append(kTemplate, from);
}

std::string WritePage(const std::string& path, const Json& report) {
  return path.empty() ? "" : WriteFileAtomically(path, Page(report));
}

}  // namespace holdfast
