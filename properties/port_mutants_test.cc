// Detection power on driver ports: every planted defect of sut/ports/mutants.bzl is caught, by a rule that is named for it.
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/text.h"
#include "properties/campaign.h"
#include "properties/counterexample.h"
#include "properties/exhaustive.h"
#include "properties/fault_sweep.h"
#include "properties/generations.h"
#include "properties/loaded_sut.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

struct Mutant {
  std::string name, profile;
  RuleSet rules = 0;
};
void PrintTo(const Mutant& mutant, std::ostream* stream) { *stream << mutant.name; }

std::vector<Mutant> Mutants() {
  std::vector<Mutant> mutants;
  std::ifstream file(Runfile("sut/ports/mutants.txt"));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Mutant& mutant = mutants.emplace_back();
    words >> mutant.name >> mutant.profile;
    for (std::string rule; words >> rule;) mutant.rules |= 1u << std::stoi(rule.substr(1));
  }
  return mutants;
}

struct Caught {
  Scenario scenario;
  Divergence divergence;
};

// The shortest sequences first, so that the verdict is the plainest that there is.
std::optional<Caught> Catch(Sut& sut, const Profile& profile) {
  for (SmallWorld world : {OneIommuWorld(), HandoverWorld()}) {
    world.depth = 3;
    for (Command command : std::vector<Command>(world.alphabet)) {
      for (const int depth : {1, 2, 3, 16}) {
        command.fault.depth = static_cast<std::uint8_t>(depth);
        if (command.fault.armed()) world.alphabet.push_back(command);
      }
    }
    ExhaustiveResult result = Exhaust(sut, {.profile = profile, .world = world, .contract_only = true, .teardown = true});
    if (result.divergence) return Caught{result.scenario, *result.divergence};
  }
  const FaultSweepResult sweep = SweepFaults(sut, Generations(profile));
  if (sweep.divergence) return Caught{sweep.scenario, *sweep.divergence};
  const CampaignResult random = RunCampaign(sut, {.profile = profile, .modes = {Mode::kContract}, .seed = 5, .cases = 20000});
  if (random.divergence) return Caught{random.scenario, *random.divergence};
  return std::nullopt;
}

class PortMutant : public testing::TestWithParam<Mutant> {};
INSTANTIATE_TEST_SUITE_P(Planted, PortMutant, testing::ValuesIn(Mutants()), [](const auto& info) { return info.param.name; });

TEST_P(PortMutant, IsCaughtByItsRule) {
  const std::unique_ptr<Sut> sut = Loaded(Runfile("sut/ports/" + GetParam().name + ".so"));
  const std::optional<Caught> caught = Catch(*sut, On(GetParam().profile));
  ASSERT_TRUE(caught) << "nothing diverges";
  EXPECT_TRUE(GetParam().rules & RuleBit(caught->divergence.rule))
      << TraceText(caught->scenario) << Describe(caught->scenario, caught->divergence);
}

TEST(PortMutants, AreAtLeastForty) { EXPECT_GE(Mutants().size(), 40u); }

}  // namespace
}  // namespace holdfast
