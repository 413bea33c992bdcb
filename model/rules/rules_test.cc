// The table of the rules, and those over queries, a layout and the end.
#include "model/rules/rules.h"

#include <gtest/gtest.h>

#include <string>

#include "model/rules/rule_fixtures.h"

namespace holdfast {
namespace {

// R16, queries

TEST_F(StateRules, QueriesAnswerThePointers) {
  Queries queries = {.device = state.device_ser, .iommu = state.outgoing_preserved_state};
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).checked), "R16");
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "");
  queries.device[1] = kNull;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
  queries.device[1] = 1;
  queries.iommu[0] = 1;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
}

TEST_F(StateRules, QueryOfADeviceThatIsNotProbedOrOfAnIncomingRecordAnswersNull) {
  Queries queries = {.device = state.device_ser, .iommu = state.outgoing_preserved_state};
  topology.devices[2].probed = false;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
  queries.device[2] = kNull;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "");
  state.flb.devices[0].incoming = true;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
  queries.device[0] = kNull;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "");
}

TEST_F(StateRules, QueryOfADanglingPointerMayAnswerItOrNothing) {
  Queries queries = {.device = state.device_ser, .iommu = state.outgoing_preserved_state};
  state.device_ser[0] = kStale;
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
  for (SlotRef answer : {kNull, kStale}) {
    queries.device[0] = answer;
    EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "");
  }
}

TEST_F(StateRules, StubsAnswerNothing) {
  profile.config_enabled = false;
  Queries queries = {.device = state.device_ser, .iommu = state.outgoing_preserved_state};
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
  queries.device.fill(kNull);
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "R16");
  queries.iommu.fill(kNull);
  EXPECT_EQ(Names(CheckQueries(topology, profile, state, queries).broken), "");
}

// R14

TEST_F(StateRules, EveryByteOfTheLayoutCounts) {
  EXPECT_EQ(Names(CheckLayout(profile, profile.layout).checked), "R14");
  EXPECT_EQ(Names(CheckLayout(profile, profile.layout).broken), "");
  Layout layout = profile.layout;
  layout.domain = 40;
  EXPECT_EQ(Names(CheckLayout(profile, layout).broken), "R14");
  profile.config_enabled = false;
  EXPECT_EQ(CheckLayout(profile, layout).checked, 0u);
}

// The end

TEST_F(StateRules, NothingMayBeLeftAtTheEnd) {
  EXPECT_EQ(Names(CheckEnd(HandmadeState(topology)).broken), "");
  EXPECT_EQ(Names(CheckEnd(state).broken), "R8 R9 R11");
  DropFlb(state);
  state.flb.present = true;
  EXPECT_EQ(Names(CheckEnd(state).broken), "R11");
  state.flb.present = false;
  state.kho.stray = 4;
  EXPECT_EQ(Names(CheckEnd(state).broken), "R8");
  state.kho.stray = 0;
  state.device_ser[0] = kStale;
  EXPECT_EQ(Names(CheckEnd(state).broken), "R9");
}

// The table

TEST(RuleTable, ListsEveryRuleOnceInOrder) {
  ASSERT_EQ(Rules().size(), static_cast<std::size_t>(kRuleCount));
  for (int n = 1; n <= kRuleCount; ++n) {
    const RuleInfo& info = InfoOf(static_cast<Rule>(n));
    EXPECT_EQ(info.rule, static_cast<Rule>(n));
    EXPECT_EQ(info.id, "R" + std::to_string(n));
    EXPECT_EQ(info.statement.back(), '.');
    EXPECT_EQ(Headline(RuleBit(info.rule)), info.rule);
  }
}

TEST(RuleTable, HardenedRulesAreThoseOfTheSpecAndWhatTheProfileRefuses) {
  Profile profile = HandmadeProfile();
  EXPECT_EQ(Names(HardenedRules(profile)), "R5 R7 R10 R14 R16");
  profile.double_device = -EBUSY;
  EXPECT_EQ(Names(HardenedRules(profile)), "R4 R5 R7 R10 R14 R16");
  profile.double_device = 0;
  profile.config_enabled = false;
  EXPECT_EQ(Names(HardenedRules(profile)), "R3 R4 R5 R7 R10 R14 R16");
}

// A device whose FLB went away under it is a breach of C4 that v5 accepts, and R4 is owed there on
// every sequence.
TEST(RuleTable, StalePointerOfADeviceIsNoBreachOfUnique) {
  const Topology topology = HandmadeTopology();
  State state = HandmadeState(topology);
  state.device_ser[0] = kStale;
  EXPECT_EQ(Names(CheckState(topology, HandmadeProfile(), state).broken), "R9");
  AddFile(state);
  EXPECT_EQ(Names(CheckState(topology, HandmadeProfile(), state).broken), "R9");
}

// What the history of this code broke at once, and the rule of docs/spec/defects.md that a verdict
// should name.
TEST(RuleTable, HeadlineNamesTheCauseOfKnownDefects) {
  const auto bits = [](auto... rules) { return (RuleBit(rules) | ...); };
  // D1
  EXPECT_EQ(Headline(bits(Rule::kHeld, Rule::kCounted, Rule::kClosed, Rule::kPaired)), Rule::kHeld);
  // D2
  EXPECT_EQ(Headline(bits(Rule::kUnique, Rule::kPages)), Rule::kUnique);
  // D4
  EXPECT_EQ(Headline(bits(Rule::kBalanced, Rule::kPages)), Rule::kBalanced);
  // D17
  EXPECT_EQ(Headline(bits(Rule::kNoGhosts, Rule::kPages, Rule::kPaired, Rule::kCounted)),
            Rule::kNoGhosts);
  // D8
  EXPECT_EQ(Headline(bits(Rule::kAppendOnly, Rule::kAtomic)), Rule::kAppendOnly);
  EXPECT_EQ(Headline(bits(Rule::kAtomic, Rule::kQuiet)), Rule::kAtomic);
}

}  // namespace
}  // namespace holdfast
