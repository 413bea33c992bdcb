#include "model/explore/world.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "model/explore/random_walk.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

TEST(WorldTest, TheAlphabetNamesEveryObject) {
  World world = MakeWorld({.devices = 3, .iommus = 2, .domains = 2}, 0);
  // Two for files, two a domain, two a pair of device and domain.
  EXPECT_EQ(Alphabet(world).size(), 2u + 2 * 2 + 2 * 3 * 2);
  world.aspects = AspectBit(Aspect::kAttach);
  EXPECT_EQ(Alphabet(world).size(), 18u + 3 * 2);
  world.aspects = AspectBit(Aspect::kOwners);
  EXPECT_EQ(Alphabet(world).size(), 18u + 2 * 3);
  world.aspects = AspectBit(Aspect::kWalk);  // two devices and one; never stopped, or at each
  EXPECT_EQ(Alphabet(world).size(), 18u + 3 + 2);
  world.aspects = AspectBit(Aspect::kHandover);
  EXPECT_EQ(Alphabet(world).size(), 18u + 4);
  world.aspects = AspectBit(Aspect::kFaults);
  EXPECT_EQ(Alphabet(world).size(), 18u + 6 + 2 * (3 + 1) + 3 * 2 * (5 + 1));
}

TEST(WorldTest, EveryCommandIsThereOnceAndFits) {
  const World world = MakeWorld({.devices = 4, .iommus = 2, .domains = 3}, kAllAspects, kHostile);
  std::set<std::string> texts;
  for (const Command& command : Alphabet(world)) {
    EXPECT_TRUE(Fits(command, world.topology));
    EXPECT_TRUE(texts.insert(PrintCommand(command)).second) << PrintCommand(command);
  }
}

TEST(WorldTest, FaultsComeLast) {
  const auto alphabet = Alphabet(MakeWorld({.devices = 2, .iommus = 1, .domains = 1}, kAllAspects));
  EXPECT_TRUE(std::is_partitioned(alphabet.begin(), alphabet.end(),
                                  [](const Command& c) { return !c.fault.armed(); }));
}

// The table of faults and Step agree: whatever is armed fires somewhere, and no command passes a
// place that is not in the table, but that where drivers take over: to the model it is a retrieve
// like any other.
TEST(WorldTest, EveryFaultOfTheTableFiresAndNoOther) {
  const World world = MakeWorld({.devices = 1, .iommus = 1, .domains = 1}, kAllAspects, kHostile);
  std::set<std::string> fired;
  for (const char* name : {"v3", "v5"}) {
    const Profile& profile = *FindProfile(name);
    const auto fire = [&](const State& before, const Command& command) {
      for (int site = 1; site < kFaultSiteCount; ++site) {
        if (static_cast<FaultSite>(site) == FaultSite::kTakeOver) continue;
        for (int nth = 1; nth <= 5; ++nth) {
          const Command faulty = WithFault(command, static_cast<FaultSite>(site), -ENOMEM, nth);
          if (Step(world.topology, profile, before, faulty).outcome.fault_fired)
            fired.insert(PrintCommand(faulty));
        }
      }
    };
    WalkAtRandom(world, profile, 500, 30,
                 [&](const State& before, const Command& command, const State&, const Outcome&) {
                   if (!command.fault.armed()) fire(before, command);
                 });
    // A page of each chain is full.
    State full = InitialState(world.topology);
    full = Step(world.topology, profile, full, PreserveFile()).state;
    full.flb.domains.resize(profile.layout.domain_capacity(), Deleted<DomainSlot>());
    fire(full, PreserveDomain(0));
    full = Step(world.topology, profile, full, PreserveDomain(0)).state;
    full.flb.devices.resize(profile.layout.device_capacity(), Deleted<DeviceSlot>());
    full.flb.iommus.resize(profile.layout.hw_capacity(), Deleted<HwSlot>());
    fire(full, PreserveDevice(0, 0));
    // The next kernel has a preserved domain to restore: no random walk comes so far.
    State next = InitialState(world.topology);
    for (const Command& command :
         {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), Freeze(), Kexec()})
      next = Step(world.topology, profile, next, command).state;
    fire(next, ProbeDevice(0));
    fire(next, Finish());
    fire(Step(world.topology, profile, next, ProbeDevice(0)).state, RestoreDomain(0));
  }
  std::set<std::string> table;
  for (const Command& command : Alphabet(world)) {
    if (command.fault.armed()) table.insert(PrintCommand(command));
  }
  std::set<std::string> never, more;
  std::ranges::set_difference(table, fired, std::inserter(never, never.end()));
  std::ranges::set_difference(fired, table, std::inserter(more, more.end()));
  EXPECT_EQ(never, std::set<std::string>()) << "in the table, and never fired";
  EXPECT_EQ(more, std::set<std::string>()) << "fired, and not in the table";
}

TEST(WorldTest, AContractCallerKeepsTheContract) {
  const World contract = MakeWorld({.devices = 1, .iommus = 1, .domains = 1}, kAllAspects);
  const State initial = InitialState(contract.topology);
  EXPECT_TRUE(Calls(contract, initial, PreserveFile()));
  EXPECT_FALSE(Calls(contract, initial, UnpreserveFile()));  // C3
  World hostile = contract;
  hostile.allowed = BreachBit(Clause::kC3);
  EXPECT_TRUE(Calls(hostile, initial, UnpreserveFile()));
  EXPECT_FALSE(Calls(hostile, initial, PreserveDomain(0)));  // C7
}

TEST(WorldTest, EachBoundIsABound) {
  World world = MakeWorld({.devices = 2, .iommus = 1, .domains = 1}, kAllAspects);
  world.bounds = {
      .files = 1, .claims = 1, .device_records = 1, .domain_records = 1, .leaked_refs = 1};
  State full = InitialState(world.topology);
  full.files = 1;
  full.flb_refs = 2;
  full.flb.devices = {
      {.device = 0, .ref_count = 1}, Deleted<DeviceSlot>(), {.device = 1, .ref_count = 1}};
  full.flb.domains = {{.domain = 0, .ref_count = 1}, Deleted<DomainSlot>()};
  EXPECT_TRUE(Within(world, full));
  const auto with = [&full](auto edit) {
    State state = full;
    edit(state);
    return state;
  };
  EXPECT_FALSE(Within(world, with([](State& s) { ++s.files; })));
  EXPECT_FALSE(Within(world, with([](State& s) { ++s.flb_refs; })));
  EXPECT_FALSE(Within(world, with([](State& s) { ++s.owner_claims[1]; })));
  EXPECT_FALSE(Within(world, with([](State& s) { s.flb.devices.push_back({.device = 1}); })));
  EXPECT_FALSE(Within(world, with([](State& s) { s.flb.domains.push_back({.domain = 0}); })));
}

template <typename T>
std::string WhatIsExpected(const std::variant<T, Expected>& parsed) {
  const Expected* expected = std::get_if<Expected>(&parsed);
  return expected ? expected->what : "";
}

TEST(WorldTest, SizesAreParsed) {
  EXPECT_EQ(std::get<WorldSize>(ParseWorldSize("4,2,3")),
            (WorldSize{.devices = 4, .iommus = 2, .domains = 3}));
  EXPECT_EQ(std::get<WorldSize>(ParseWorldSize("1,1,0")),
            (WorldSize{.devices = 1, .iommus = 1, .domains = 0}));
  for (const char* bad : {"", "4", "4,2", "4,2,3,1", "4,2,x", " 4,2,3", "4,2,3 ", "0,1,1", "17,1,1",
                          "1,0,1", "1,9,1", "1,1,9", "-1,1,1", "+1,1,1", "99999999999,1,1"}) {
    EXPECT_EQ(WhatIsExpected(ParseWorldSize(bad)),
              "D,I,M: 1 to 16 devices, 1 to 8 IOMMUs and 0 to 8 domains, such as 4,2,3")
        << bad;
  }
}

TEST(WorldTest, AspectsAreParsed) {
  for (int aspects = 0; aspects <= kAllAspects; ++aspects) {
    EXPECT_EQ(std::get<Aspects>(ParseAspects(PrintAspects(static_cast<Aspects>(aspects)))),
              aspects);
  }
  EXPECT_EQ(std::get<Aspects>(ParseAspects("all")), kAllAspects);
  EXPECT_EQ(PrintAspects(kDefaultAspects), "attach,faults");
  EXPECT_EQ(WhatIsExpected(ParseAspects("faults,fault")),
            "all, none, or some of attach,faults,owners,walk,handover,restore, and not \"fault\"");
  EXPECT_NE(WhatIsExpected(ParseAspects("")), "");
  EXPECT_NE(WhatIsExpected(ParseAspects("faults,")), "");
}

TEST(WorldTest, CallersAreParsed) {
  for (int allowed = 0; allowed <= kHostile; allowed += 2) {
    EXPECT_EQ(std::get<Breaches>(ParseCallers(PrintCallers(static_cast<Breaches>(allowed)))),
              allowed);
  }
  EXPECT_EQ(PrintCallers(0), "contract");
  EXPECT_EQ(PrintCallers(BreachBit(Clause::kC2) | BreachBit(Clause::kC7)), "C2,C7");
  EXPECT_EQ(WhatIsExpected(ParseCallers("C1,C9")),
            "contract, hostile, or the clauses that may be broken, some of "
            "C1,C2,C3,C4,C5,C6,C7,C8, and not \"C9\"");
}

TEST(WorldTest, BoundsAreSaid) {
  EXPECT_EQ(
      PrintBounds(MakeWorld({.devices = 1, .iommus = 1, .domains = 1}, kAllAspects, kHostile)),
      "at most 2 files, 2 claims of a group, 2 live records of a device and 2 of a domain, 1 "
      "leaked reference on the FLB");
}

}  // namespace
}  // namespace holdfast
