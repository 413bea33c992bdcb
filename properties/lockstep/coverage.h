// What a run has witnessed, held against all that it could witness.
//
// A witness is a pair (command, outcome), with the fault site if a fault fired: "preserve_device =
// -EOPNOTSUPP", "retrieve = CRASH at kho_restore". A suite that never sees an error path proves
// nothing about that path. So a run is held against the table of all pairs that the profile allows.
// The table is written by hand from the specification (allowed_outcomes.cc), not from step.cc. An
// allowed pair that is not witnessed is a hole in the generators. A witnessed pair that is not
// allowed is a mistake in the table or in the model.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_COVERAGE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_COVERAGE_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "properties/lockstep/mode.h"

namespace holdfast {

// The result of a call, as classes. All injected errors are one class.
enum class Result : std::uint8_t {
  kZero,
  kVoid,
  kWarn,
  kCrash,
  // the error of the fault that fired; without a site, the kept error of an earlier fault (retrieve
  // on stage C)
  kInjected,
  kEopnotsupp,
  kEinval,
  kEnoent,
  kEbusy,
  kEnodev,
  kEnodata,
  kOther,
};
inline constexpr int kResultCount = 12;

struct Witness {
  Verb verb = Verb::kPreserveFile;
  Result result = Result::kZero;
  FaultSite site = FaultSite::kNone;  // that fired

  auto operator<=>(const Witness&) const = default;
};

Witness WitnessOf(const Command& command, const Outcome& outcome);
std::string PrintWitness(const Witness& witness);

// Every possible witness under the profile, on its orchestrator, in the mode; ascending.
std::vector<Witness> AllowedWitnesses(const Profile& profile, Mode mode);

class Coverage {
 public:
  void Add(const Command& command, const Outcome& outcome) {
    ++counts_[IndexOf(WitnessOf(command, outcome))];
  }
  void Add(const Coverage& other);

  std::uint64_t CountOf(const Witness& witness) const { return counts_[IndexOf(witness)]; }
  // All that was seen, ascending.
  std::vector<Witness> Seen() const;
  // The witnesses of `allowed` that were not seen.
  std::vector<Witness> Missing(const std::vector<Witness>& allowed) const;
  // The witnesses that were seen and are not in `allowed`.
  std::vector<Witness> Unexpected(const std::vector<Witness>& allowed) const;

 private:
  static std::size_t IndexOf(const Witness& witness) {
    return (static_cast<std::size_t>(witness.verb) * kResultCount +
            static_cast<std::size_t>(witness.result)) *
               kFaultSiteCount +
           static_cast<std::size_t>(witness.site);
  }

  std::array<std::uint64_t, static_cast<std::size_t>(kVerbCount) * kResultCount * kFaultSiteCount>
      counts_{};
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_COVERAGE_H_
