// The JSON of a command's result, for a machine. docs/report.md says its members, and
// docs/report.schema.json holds it to them.
#ifndef HOLDFAST_CLI_REPORT_JSON_H_
#define HOLDFAST_CLI_REPORT_JSON_H_

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "model/scenario.h"
#include "properties/shrink/minimize.h"

namespace holdfast {

using Json = nlohmann::ordered_json;  // in the order in which the members were added

// The number changes when a member goes, or gets another meaning. A new member keeps it.
inline constexpr int kReportFormat = 1;

// The members that each report begins with.
Json JsonReport(std::string_view command);

// The calls of a scenario, each as text.
Json CommandsOf(const Scenario& scenario);

// A counterexample, however it was found, with its timeline (timeline.h) unless that is null.
Json DivergenceOf(const Minimized& minimized, std::string_view origin, const Json& timeline);

// Writes the report to the file of --json; with no file, nothing. The result is empty, or a
// sentence that says what failed.
std::string WriteJson(const std::string& path, const Json& report);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_JSON_H_
