// No false alarm: each harmless variant of sut/mutants/harmless.bzl conforms on every part of the
// suite. The budgets are small, and no part is left out.
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "model/explore/world.h"
#include "properties/conformance/three_kernels.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/runner.h"
#include "properties/search/suite/suite.h"
#include "sut/mutants/harmless.h"
#include "sut/runfiles.h"

namespace holdfast {

void PrintTo(const HarmlessVariant& variant, std::ostream* out) { *out << variant.name; }

namespace {

// Empty, or the first divergence with the part that it is of.
std::string FirstDivergence(Sut& sut) {
  Runner runner(sut, Runner::Where::kHere);
  const PartContext context = {.runner = runner, .profile = On(sut.profile())};
  std::string divergence;
  const auto conforms = [&](const PartResult& part) {
    if (part.counterexample)
      divergence = part.origin + "\n" + PrintCounterexample(*part.counterexample);
    return divergence.empty();
  };

  if (!conforms(RunCorpus(context, CorpusOf(context.profile)))) return divergence;
  for (const NamedWorld& named : SmallWorlds(sut, Effort(10) < 10 ? 2 : 3)) {
    if (!conforms(RunSmallWorld(context, named, /*teardown=*/true))) return divergence;
  }
  const PartResult sweep = RunFaultSweep(context, Generations(context.profile));
  if (!conforms(sweep)) return divergence;
  // A count has as many values as there are calls: the product of a variant that counts has no end.
  const auto most_edges = static_cast<std::uint64_t>(Effort(20'000));
  for (const World& world : {MakeWorld({2, 1, 1}), ProductWorlds(sut).back()}) {
    if (!conforms(RunProduct(context, world, most_edges))) return divergence;
  }
  RandomOptions random = {.cases = static_cast<std::uint64_t>(Effort(4000))};
  if (sut.contract_only()) random = {.modes = {Mode::kContract}, .cases = random.cases / 4};
  if (!conforms(RunRandom(context, random))) return divergence;
  conforms(RunLayout(context));
  return divergence;
}

class HarmlessTest : public testing::TestWithParam<HarmlessVariant> {};

INSTANTIATE_TEST_SUITE_P(All, HarmlessTest,
                         testing::ValuesIn(HarmlessVariants().begin(), HarmlessVariants().end()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(HarmlessTest, Conforms) {
  const std::unique_ptr<Sut> sut = Loaded(Runfile(std::string(GetParam().file)));
  EXPECT_EQ(sut->contract_only(), GetParam().of_port);
  const std::string divergence = FirstDivergence(*sut);
  EXPECT_TRUE(divergence.empty()) << GetParam().why << "\n" << divergence;
}

// The same budgets show defects: that they show nothing of the variants says something.
TEST(HarmlessBudgets, ShowMutants) {
  for (const char* name : {"mutant.d1", "mutant.d2", "mutant.d15", "mutant.smmuv3_alias",
                           "mutant.smmuv3_top_only", "mutant.vtd_token", "mutant.vtd_undo_order"}) {
    EXPECT_FALSE(FirstDivergence(*Loaded(name)).empty()) << name;
  }
}

}  // namespace
}  // namespace holdfast
