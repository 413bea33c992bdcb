#include "properties/lockstep/coverage.h"

#include <algorithm>
#include <iterator>

#include "model/text/text.h"

namespace holdfast {
namespace {

Result ResultOf(const Command& command, const Outcome& outcome) {
  if (outcome.crashed()) return Result::kCrash;
  if (outcome.warned) return Result::kWarn;
  if (outcome.kind == Outcome::Kind::kVoid) return Result::kVoid;
  if (outcome.error == 0) return Result::kZero;
  if (outcome.fault_fired && outcome.error == command.fault.error) return Result::kInjected;
  switch (-outcome.error) {
    case EOPNOTSUPP: return Result::kEopnotsupp;
    case EINVAL: return Result::kEinval;
    case ENOENT: return Result::kEnoent;
    case EBUSY: return Result::kEbusy;
    case ENODEV: return Result::kEnodev;
    case ENODATA: return Result::kEnodata;
    default:
      return command.verb == Verb::kRetrieve || command.verb == Verb::kProbeDevice
                 ? Result::kInjected
                 : Result::kOther;
  }
}

constexpr const char* kResultNames[kResultCount] = {
    "0",       "void",    "WARN",   "CRASH",   "injected error", "-EOPNOTSUPP",
    "-EINVAL", "-ENOENT", "-EBUSY", "-ENODEV", "-ENODATA",       "another error"};

}  // namespace

Witness WitnessOf(const Command& command, const Outcome& outcome) {
  // The caller sees nothing of a request that was denied during a take-over.
  const bool shows = outcome.fault_fired && command.fault.site != FaultSite::kTakeOver;
  return {command.verb, ResultOf(command, outcome), shows ? command.fault.site : FaultSite::kNone};
}

std::string PrintWitness(const Witness& witness) {
  std::string text = std::string(VerbName(witness.verb)) + " = " +
                     kResultNames[static_cast<std::size_t>(witness.result)];
  if (witness.site != FaultSite::kNone) text += " at " + std::string(FaultSiteName(witness.site));
  return text;
}

void Coverage::Add(const Coverage& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::vector<Witness> Coverage::Seen() const {
  std::vector<Witness> seen;
  for (int verb = 0; verb < kVerbCount; ++verb) {
    for (int result = 0; result < kResultCount; ++result) {
      for (int site = 0; site < kFaultSiteCount; ++site) {
        const Witness witness = {static_cast<Verb>(verb), static_cast<Result>(result),
                                 static_cast<FaultSite>(site)};
        if (CountOf(witness) != 0) seen.push_back(witness);
      }
    }
  }
  return seen;
}

std::vector<Witness> Coverage::Missing(const std::vector<Witness>& allowed) const {
  std::vector<Witness> missing;
  std::copy_if(allowed.begin(), allowed.end(), std::back_inserter(missing),
               [&](const Witness& witness) { return CountOf(witness) == 0; });
  return missing;
}

std::vector<Witness> Coverage::Unexpected(const std::vector<Witness>& allowed) const {
  const std::vector<Witness> seen = Seen();
  std::vector<Witness> unexpected;
  std::set_difference(seen.begin(), seen.end(), allowed.begin(), allowed.end(),
                      std::back_inserter(unexpected));
  return unexpected;
}

}  // namespace holdfast
