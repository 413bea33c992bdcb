#include "properties/generate/generate.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <utility>

#include <rapidcheck.h>

#include "model/rules/contract.h"
#include "model/step.h"
#include "properties/generate/author.h"
#include "properties/lockstep/keeps_contract.h"
#include "model/text/trace.h"
#include "properties/shrink/simplify.h"

namespace holdfast {
namespace {

// Cases of neighbouring seeds and indices have nothing in common.
Dice DiceOf(Mode mode, std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t mixed = Dice(seed).Next() + static_cast<std::uint64_t>(mode);
  return Dice(Dice(mixed).Next() ^ index * 0xd1342543de82ef95ull);
}

// Lazily: most edits are never tried.
rc::Shrinkable<Scenario> Shrinking(Scenario scenario, Mode mode) {
  return rc::shrinkable::shrinkRecur(std::move(scenario), [mode](const Scenario& larger) {
    return rc::seq::mapMaybe(
        rc::seq::fromContainer(EditsOf(larger)),
        [larger, mode](const Edit& edit) -> rc::Maybe<Scenario> {
          std::optional<Scenario> smaller = Apply(larger, edit);
          if (!smaller || (mode == Mode::kContract && !KeepsContract(*smaller))) return rc::Nothing;
          return std::move(*smaller);
        });
  });
}

}  // namespace

Cases::Cases(const Profile& profile, Mode mode, std::uint64_t seed, std::uint64_t first,
             const GeneratorOptions& options)
    : profile_(profile),
      mode_(mode),
      seed_(seed),
      options_(options),
      number_(first - first % kChapter) {
  while (number_ < first) Next();
}

Scenario Cases::Next() {
  if (number_ % kChapter == 0) unseen_.Forget();
  Author author(profile_, mode_, options_.ideas, DiceOf(mode_, seed_, number_), unseen_);
  ++number_;
  return author.Write(std::clamp(options_.size, 0, kFullSize));
}

Scenario GenerateScenario(const Profile& profile, Mode mode, std::uint64_t seed,
                          std::uint64_t number, const GeneratorOptions& options) {
  return Cases(profile, mode, seed, number, options).Next();
}

void DeepenFaults(std::uint64_t seed, std::uint64_t index, Scenario& scenario) {
  Dice dice(Dice(~seed).Next() ^ index * 0xd1342543de82ef95ull);
  for (Command& command : scenario.commands) {
    if (HasDepth(command.fault.site) && dice.Percent(80))
      command.fault.depth = static_cast<std::uint8_t>(1 + dice.Below(12));
  }
  for (Command& command : scenario.commands) {
    if ((command.verb != Verb::kRetrieve && command.verb != Verb::kFinish) ||
        command.fault.armed() || !dice.Percent(30))
      continue;
    command = WithFault(command, FaultSite::kTakeOver);
    command.fault.depth = static_cast<std::uint8_t>(1 + dice.Below(40));
  }
}

rc::Gen<Scenario> Scenarios(const Profile& profile, Mode mode) {
  return rc::Gen<Scenario>([profile, mode](const rc::Random& random, int size) {
    rc::Random source = random;
    return Shrinking(GenerateScenario(profile, mode, source.next(), 0, {.size = size}), mode);
  });
}

void showValue(const Scenario& scenario, std::ostream& stream) {
  stream << PrintScenario(scenario);
}
void PrintTo(const Scenario& scenario, std::ostream* stream) { *stream << PrintScenario(scenario); }

}  // namespace holdfast
