#include "cli/report/annotation.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace holdfast {
namespace {

// The two sets of characters that GitHub wants encoded: of a message, and of a property too.
constexpr std::string_view kInMessage = "%\r\n", kInProperty = "%\r\n:,";

std::string Encoded(std::string_view text, std::string_view special) {
  std::string encoded;
  for (const char c : text) {
    encoded += special.find(c) == std::string_view::npos
                   ? std::string(1, c)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string Annotation(const std::string& properties, std::string_view title,
                       std::string_view message) {
  return fmt::format("::error {}title={}::{}\n", properties, Encoded(title, kInProperty),
                     Encoded(message, kInMessage));
}

std::string File(std::string_view file) {
  return fmt::format("file={},", Encoded(file, kInProperty));
}

// Of "FILE:LINE", or of no place.
std::string Place(std::string_view place) {
  const std::size_t colon = place.rfind(':');
  return place.empty()
             ? ""
             : File(place.substr(0, colon)) + fmt::format("line={},", place.substr(colon + 1));
}

}  // namespace

std::string Annotations(const Json& report) {
  std::string text;
  if (report["command"] == "check-log" && report.contains("divergence")) {
    const Json& divergence = report["divergence"];
    return Annotation(
        File(report["file"].get<std::string>()) +
            fmt::format("line={},", divergence["line"].get<std::uint64_t>()),
        "no run of the model",
        "no state of the model allows this line of " + divergence["call"].get<std::string>());
  }
  if (report.contains("divergence")) {
    const Json& divergence = report["divergence"];
    const std::string rule = divergence["rule"];
    const std::string title = fmt::format("{} {}", report.value("sut", "holdfast"),
                                          rule.empty() ? "is not deterministic" : "breaks " + rule);
    text += Annotation(Place(divergence.value("place", "")), title,
                       fmt::format("{}\n{}", divergence["shrunk_trace"].get<std::string>(),
                                   divergence["report"].get<std::string>()));
  }
  for (const Json& trace : report.value("traces", Json::array())) {
    if (trace["verdict"] == "conforms") continue;
    text += Annotation(File(trace["file"].get<std::string>()),
                       trace["sut"].get<std::string>() + " diverges",
                       trace["report"].get<std::string>());
  }
  return text;
}

bool AnnotationsAreWanted() {
  const char* const value = std::getenv("GITHUB_ACTIONS");
  return value != nullptr && std::string_view(value) == "true";
}

}  // namespace holdfast
