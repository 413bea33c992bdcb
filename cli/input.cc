#include "cli/input.h"

#include <cstdio>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/html/page.h"
#include "cli/report/annotation.h"
#include "sut/shipped.h"
#include "model/text/trace_file.h"

namespace holdfast {

std::optional<Trace> ReadCalls(const std::string& path) {
  auto read = ReadTrace(path, Completeness::kToFillIn);
  if (auto* trace = std::get_if<Trace>(&read)) return std::move(*trace);
  fmt::print(stderr, "{}\n", std::get<std::string>(read));
  return std::nullopt;
}

std::unique_ptr<Sut> LoadOrComplain(const std::string& name_or_path) {
  auto loaded = LoadSut(name_or_path);
  if (auto* module = std::get_if<Module>(&loaded)) return std::move(module->sut);
  fmt::print(stderr, "{}\n", std::get<std::string>(loaded));
  return nullptr;
}

void AddJson(const Subcommand& command, std::string& path) {
  command.Text("--json", path, "also write the result there, as JSON (docs/report.md)", "FILE");
}

void AddKtap(const Subcommand& command, bool& wanted) {
  command.Flag(
      "--ktap", wanted,
      "print the result as KTAP, the format of kernel tests, and nothing else (docs/ci.md)");
}

int WithJson(const std::string& path, const Json& report, int status) {
  const std::string error = WriteJson(path, report);
  if (error.empty()) {
    if (AnnotationsAreWanted()) fmt::print("{}", Annotations(report));
    return status;
  }
  fmt::print(stderr, "holdfast: {}\n", error);
  return kBadInput;
}

void AddHtml(const Subcommand& command, std::string& path) {
  command.Text("--html", path, "also write the result there, as a page to look at (docs/report.md)",
               "FILE");
}

int WithPage(const std::string& html, const std::string& json, const Json& report, int status) {
  if (!html.empty() && html == json) throw BadArgument("--html", html, "another file than --json");
  if (const std::string error = WritePage(html, report); !error.empty()) {
    fmt::print(stderr, "holdfast: {}\n", error);
    return kBadInput;
  }
  const int written = WithJson(json, report, status);
  if (written == kBadInput && !html.empty()) std::remove(html.c_str());
  return written;
}

}  // namespace holdfast
