// A profile on an orchestrator that is not its own: both sides agree, and break the rules on
// sequences that keep the contract. The suite must say so, in one shortest trace.

#include <gtest/gtest.h>

#include "properties/conformance/conformance.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

void ExpectUnbalanced(const std::string& sut_name, const Profile& profile) {
  const std::unique_ptr<Sut> sut = Loaded(sut_name);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto shrunk = FindDivergence(*sut, profile, Mode::kContract, Effort(500), seed);
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(shrunk->minimal.divergence.rule, Rule::kBalanced)
        << PrintCounterexample(shrunk->minimal);
    EXPECT_FALSE(shrunk->minimal.divergence.sides_differ) << PrintCounterexample(shrunk->minimal);
    EXPECT_EQ(shrunk->minimal.scenario.commands.size(), 2u) << PrintCounterexample(shrunk->minimal);
  }
}

// D4: each call takes a reference that nobody puts; the first one breaks the balance.
TEST(Pairing, V3OnStageCLeaksAReference) { ExpectUnbalanced("core.v3", On("v3", Luo::kStageC)); }

// What v5 puts was never taken: the FLB goes under the file's feet.
TEST(Pairing, V5OnStageAPutsWhatWasNeverTaken) {
  ExpectUnbalanced("core.v5", On("v5", Luo::kStageA));
}
TEST(Pairing, V5OnStageBPutsWhatWasNeverTaken) {
  ExpectUnbalanced("core.v5", On("v5", Luo::kStageB));
}

// An implementation of one profile against another profile is told apart by its layout before
// anything runs.
TEST(Pairing, WrongProfileIsToldByTheLayout) {
  const std::unique_ptr<Sut> sut = Loaded("core.v5");
  const std::optional<Divergence> divergence =
      RunScenario(*sut, {On("v3"), MakeTopology(1, 1, 1), {}});
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->rule, Rule::kLayout);
}

}  // namespace
}  // namespace holdfast
