// For any bytes the parser gives a trace, or an error of the promised form. A trace is printed
// canonically.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "model/text/trace.h"

namespace {

void Require(bool condition, const char* what, std::string_view text) {
  if (condition) return;
  std::fprintf(stderr, "trace_fuzz: %s\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

bool IsPromisedError(const std::string& error) {
  unsigned line = 0, column = 0;
  int end = 0;
  return std::sscanf(error.c_str(), "f:%u:%u: expected %n", &line, &column, &end) == 2 && end > 0 &&
         line > 0 && column > 0 && error.size() < 400 && error.find('\n') == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (Completeness completeness : {Completeness::kComplete, Completeness::kToFillIn}) {
    auto parsed = ParseTrace(text, "f", completeness);
    if (auto* error = std::get_if<std::string>(&parsed)) {
      Require(IsPromisedError(*error), error->c_str(), text);
      continue;
    }
    Trace& trace = std::get<Trace>(parsed);
    const std::string printed = PrintTrace(trace);
    auto reparsed = ParseTrace(printed, "f", completeness);
    Require(std::holds_alternative<Trace>(reparsed), "what was printed is not understood", printed);
    Require(std::get<Trace>(reparsed).scenario == trace.scenario, "the scenario changed", text);
    Require(PrintTrace(std::get<Trace>(reparsed)) == printed, "printing is not canonical", text);
    FillIn(trace);
    const std::string filled = PrintTrace(trace);
    auto complete = ParseTrace(filled, "f");
    Require(std::holds_alternative<Trace>(complete), "what was filled in is not understood",
            filled);
    Require(PrintTrace(std::get<Trace>(complete)) == filled, "what was filled in is not canonical",
            filled);
  }
  return 0;
}
