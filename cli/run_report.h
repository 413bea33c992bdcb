// What a run found, and how it is told: as text for a person, as JSON for a machine. The same run
// gives the same bytes: no time, no path but those that were given, no address.
#ifndef HOLDFAST_CLI_RUN_REPORT_H_
#define HOLDFAST_CLI_RUN_REPORT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/tally.h"
#include "properties/shrink/minimize.h"

namespace holdfast {

// One part of the job: the corpus, a small world, a campaign.
struct RunPart {
  std::string name;
  std::uint64_t cases = 0;     // traces, sequences, or scenarios
  std::string unit;            // what a case is
  std::uint64_t commands = 0;  // checked in lockstep
  bool diverged = false;
};

struct RunReport {
  std::string sut;
  Profile profile;
  std::uint64_t seed = 0;
  bool hardened = false;
  // the implementation ends its process where the profile crashes (Runner)
  bool skips_crashes = false;
  std::vector<RunPart> parts;
  Tally tally;
  Coverage coverage;
  std::vector<Witness> allowed;  // what the parts that ran could have witnessed
  std::vector<Hazard> hazards;   // each shrunk
  std::optional<Minimized> counterexample;
  std::string origin;  // of the counterexample: "random, contract, case 17"
};

// The tables, the hazards, the counterexample if there is one; the last line is the verdict.
std::string PrintRunReport(const RunReport& report);
std::string RunReportJson(const RunReport& report);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_RUN_REPORT_H_
