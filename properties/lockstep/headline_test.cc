// The headline of a divergence has a sentence that fits, and its report folds what is long.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

Profile V3() { return *FindProfile("v3"); }

using Memory = ModelSut::Memory;

// The headline of the model with an error in its last call. The error is told the memory before.
Rule HeadlineOf(std::vector<Command> commands, void (*error)(Outcome&, Memory&, const Memory&)) {
  std::size_t calls = 0;
  Memory before;
  ModelSut sut(V3(), [&](const Command&, Outcome& outcome, Memory& memory) {
    if (++calls == commands.size()) error(outcome, memory, before);
    before = memory;
  });
  const Scenario scenario = {V3(), MakeTopology(1, 1, 1), commands};
  const std::optional<Divergence> divergence = RunScenario(sut, scenario);
  EXPECT_TRUE(divergence);
  return divergence ? divergence->rule : Rule::kHeld;
}

void Warn(Outcome& outcome, Memory&, const Memory&) { outcome.warned = true; }
void WarnAndDoNothing(Outcome& outcome, Memory& memory, const Memory& before) {
  memory = before;
  outcome.warned = true;
  outcome.call_count = 0;
  outcome.out = kNull;
  if (outcome.kind == Outcome::Kind::kReturned) outcome.error = -EINVAL;
}
void Refuse(Outcome& outcome, Memory& memory, const Memory& before) {
  memory = before;
  outcome = Outcome();
  outcome.kind = Outcome::Kind::kReturned;
  outcome.error = -EINVAL;
}
void Crash(Outcome& outcome, Memory& memory, const Memory&) {
  outcome = Outcome();
  outcome.kind = Outcome::Kind::kCrashed;
  memory.state.crashed = true;
}

TEST(Headline, AnUnexpectedWarnIsR15) {
  const std::vector<Command> good = {PreserveFile(), PreserveDomain(0)};
  EXPECT_EQ(HeadlineOf(good, Warn), Rule::kQuiet);
  EXPECT_EQ(HeadlineOf(good, WarnAndDoNothing), Rule::kQuiet);
  // Callers who break the contract, and whom the profile answers without a WARN.
  const std::vector<Command> twice = {PreserveFile(), PreserveDomain(0), PreserveDomain(0)};
  EXPECT_EQ(HeadlineOf(twice, Warn), Rule::kQuiet);
  EXPECT_EQ(HeadlineOf(twice, WarnAndDoNothing), Rule::kQuiet);
  const std::vector<Command> too_early = {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0),
                                          UnpreserveDomain(0)};
  EXPECT_EQ(HeadlineOf(too_early, WarnAndDoNothing), Rule::kQuiet) << "a void call";
}

TEST(Headline, ACrashAgainstARefusalIsR15) {
  // The driver fails, and the profile hands the error on; the implementation crashes.
  const std::vector<Command> refused = {PreserveFile(), PreserveDomain(0),
                                        WithFault(PreserveDevice(0, 0), FaultSite::kIommuPreserve)};
  EXPECT_EQ(HeadlineOf(refused, Crash), Rule::kQuiet);
  // The profile crashes without an FLB; the implementation refuses.
  EXPECT_EQ(HeadlineOf({PreserveDomain(0)}, Refuse), Rule::kQuiet);
}

TEST(Headline, ARefusalWithoutAWarnIsStillR5) {
  EXPECT_EQ(HeadlineOf({PreserveFile(), PreserveDomain(0)}, Refuse), Rule::kAtomic);
}

TEST(Report, DeletedSlotsAreFolded) {
  EXPECT_EQ(FoldedSlots("domains[dom0] iommus[x x x x x x x iommu0] devices[x]"),
            "domains[dom0] iommus[x x x x x x x iommu0] devices[x]");
  EXPECT_EQ(FoldedSlots("iommus[x x x x x x x x iommu0] devices[x x x x x x x x x]"),
            "iommus[x*8 iommu0] devices[x*9]");
  EXPECT_EQ(FoldedSlots("x x x x x x x x"), "x*8");
  EXPECT_EQ(FoldedSlots("ax x x x x x x x x"), "ax x*8");
  EXPECT_EQ(FoldedSlots(""), "");
}

}  // namespace
}  // namespace holdfast
