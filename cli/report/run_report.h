// What a run found, and how it is told: as text for a person, as JSON for a machine. The same run
// gives the same bytes: no time, no path but those that were given, no address.
#ifndef HOLDFAST_CLI_REPORT_RUN_REPORT_H_
#define HOLDFAST_CLI_REPORT_RUN_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/report/json.h"
#include "cli/report/race.h"
#include "model/profile.h"
#include "properties/answers/own_answers.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/tally.h"
#include "properties/search/suite/suite.h"
#include "properties/shrink/minimize.h"

namespace holdfast {

struct RunReport {
  std::string sut;
  std::string written_to;  // the profile that the implementation names
  Profile profile;
  std::uint64_t seed = 0;
  bool hardened = false;
  // the implementation ends its process where the profile crashes (Runner)
  bool skips_crashes = false;
  std::vector<PartResult> parts;
  Tally tally;
  Coverage coverage;
  std::vector<Witness> allowed;  // what the parts that ran could have witnessed
  std::vector<Hazard> hazards;   // each shrunk
  // Only if the JSON or the page is wanted; null or missing: there is none (timeline.h).
  std::vector<Json> hazard_timelines, answer_timelines;
  Json timeline;     // of the counterexample
  std::string page;  // the file of --html
  std::vector<OwnAnswer> answers;
  std::optional<Minimized> counterexample;
  std::optional<Race> race;  // of callers at once; then no counterexample
  RaceText race_text;
  std::string origin;  // of the counterexample or the race: "random, contract, case 17"
  int signal = 0;      // that interrupted the run; 0: none
  std::string output;  // what the implementation wrote to its standard streams, the beginning
};

// What damaged images showed, if that is a divergence; else null.
const DamagedImageResult* DamageOf(const RunReport& report);

// The report in the order in which it is known: the heading, a line for each part, then the tables,
// the hazards, the counterexample if there is one. The last line is the verdict.
std::string PrintHeading(const RunReport& report);
std::string PrintPart(const PartResult& part);
std::string PrintFindings(const RunReport& report);
Json RunReportJson(const RunReport& report);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_RUN_REPORT_H_
