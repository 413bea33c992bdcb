// How many commands a campaign takes to find that an implementation diverges. Generators are
// compared by this number. Seconds differ on each machine. The same commands cost the same,
// whichever generator made them.
#ifndef HOLDFAST_PROPERTIES_STUDY_COMMANDS_TO_DETECTION_H_
#define HOLDFAST_PROPERTIES_STUDY_COMMANDS_TO_DETECTION_H_

#include <cstdint>
#include <optional>

#include "model/profile.h"
#include "properties/search/campaign.h"
#include "properties/generate/ideas.h"
#include "sut/sut.h"

namespace holdfast {

// The commands that were run and checked, up to the command that diverges. Nothing if no command
// diverged within `budget`.
inline std::optional<std::uint64_t> CommandsToDetection(Sut& sut, const Profile& profile,
                                                        const Ideas& ideas, std::uint64_t seed,
                                                        std::uint64_t budget) {
  const CampaignResult result = RunCampaign(
      sut, {.profile = profile, .seed = seed, .commands = budget, .generator = {.ideas = ideas}});
  if (!result.counterexample || result.tally.commands > budget) return std::nullopt;
  return result.tally.commands;
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_STUDY_COMMANDS_TO_DETECTION_H_
