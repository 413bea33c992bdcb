// A campaign: generated scenarios in lockstep, up to a number, or a number of commands, or a time,
// until the first divergence.
//
// Case i of a seed is the same on every machine (generate.h), so seed and index name a failure.
// Contract and hostile cases take turns. A campaign gathers the tally of rules, the coverage of
// each mode, and the hazards.
#ifndef HOLDFAST_PROPERTIES_SEARCH_CAMPAIGN_H_
#define HOLDFAST_PROPERTIES_SEARCH_CAMPAIGN_H_

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/deadline.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/tally.h"
#include "sut/sut.h"

namespace holdfast {

struct CampaignProgress {
  std::uint64_t cases = 0;
  std::uint64_t commands = 0;
};

struct CampaignOptions {
  Profile profile;                                              // with the orchestrator in force
  std::vector<Mode> modes = {Mode::kContract, Mode::kHostile};  // in turn
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  // 0: no bound. One of the three bounds must be set.
  std::uint64_t cases = 0, commands = 0;
  Deadline deadline = {};
  GeneratorOptions generator = {};
  bool hardened = false;
  FlightRecorder* recorder = nullptr;  // says what the campaign is at, if its process dies
  // Called every few thousand commands.
  std::function<void(const CampaignProgress&)> progress = nullptr;
};

struct CampaignResult {
  std::uint64_t cases = 0;
  double seconds = 0;
  Tally tally;
  std::array<Coverage, 2> coverage;  // by Mode
  Hazards hazards;
  // Cut after the command at which the two sides diverge.
  std::optional<Counterexample> counterexample;
  std::uint64_t case_index = 0;  // of the counterexample
};

// The mode of case `index`, and its number among those of its mode (generate.h).
Mode ModeOfCase(const CampaignOptions& options, std::uint64_t index);
std::uint64_t NumberOfCase(const CampaignOptions& options, std::uint64_t index);

CampaignResult RunCampaign(Sut& sut, const CampaignOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_CAMPAIGN_H_
