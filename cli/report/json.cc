#include "cli/report/json.h"

#include "model/rules/rules.h"
#include "model/text/text.h"
#include "model/text/trace_file.h"
#include "model/version.h"
#include "sut/source_line.h"

namespace holdfast {

Json JsonReport(std::string_view command) {
  return {{"format", kReportFormat}, {"version", kVersion}, {"command", command}};
}

Json CommandsOf(const Scenario& scenario) {
  Json commands = Json::array();
  for (const Command& command : scenario.commands) commands.push_back(PrintCommand(command));
  return commands;
}

Json DivergenceOf(const Minimized& minimized, std::string_view origin, const Json& timeline) {
  const Divergence& divergence = minimized.minimal.divergence;
  Json rules = Json::array();
  for (const RuleInfo& info : Rules()) {
    if (divergence.rules & RuleBit(info.rule)) rules.push_back(info.id);
  }
  Json json = {{"origin", origin},
               {"rule", minimized.varies() ? "" : InfoOf(divergence.rule).id},
               {"rules", rules},
               {"failing_trace", minimized.found_trace()},
               {"shrunk_trace", minimized.minimal_trace()},
               {"shortest", minimized.proof},
               {"report", minimized.report},
               {"replay", minimized.replay}};
  const std::string fault = SourceLine(divergence.fault);
  const std::string place = fault.empty() ? SourceLine({divergence.entry}) : fault;
  if (!place.empty()) json["place"] = place;
  if (!timeline.is_null()) json["timeline"] = timeline;
  return json;
}

// A name of a file may have bytes that are no text.
std::string WriteJson(const std::string& path, const Json& report) {
  return path.empty()
             ? ""
             : WriteFileAtomically(
                   path, report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace holdfast
