// The table of refusals against the model: every refusal of a named version is in it, and nothing
// that no version answers.
#include "properties/lockstep/refusals.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "model/step.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

struct Refusal {
  Topology topology;
  Profile profile;
  State before;
  Command command;
  Outcome model;

  bool Admits(const Outcome& sut) const {
    return IsRefusalOfAVersion(topology, profile, before, command, model, sut);
  }
};

// Calls `look` with each call that a named version refuses, or crashes at, without a driver call.
void EachRefusal(const std::function<void(const Refusal&)>& look) {
  for (const char* text :
       {"iommu0(dev0) dom0", "iommu0(dev0:nonpci) dom0", "iommu0(dev0:no-group) dom0",
        "iommu0(dev0:unprobed) dom0", "iommu0(dev0 dev1:group=dev0) dom0:no-unpreserve",
        "iommu0:no-preserve(dev0) dom0:no-preserve", "iommu0:no-unpreserve(dev0:nonpci) dom0"}) {
    for (const char* name : {"v3", "v3 luo=C", "v3 luo=off", "v5", "v5 checks-flb luo=A"}) {
      Refusal refusal = {.topology = std::get<Topology>(ParseTopology(text)),
                         .profile = std::get<Profile>(ParseProfile(name)),
                         .before = {},
                         .command = {},
                         .model = {}};
      for (const std::vector<Command>& done : std::vector<std::vector<Command>>{
               {},
               {ReleaseDmaOwner(0)},
               {PreserveFile()},
               {PreserveFile(), PreserveDomain(0)},
               {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)},
               {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), ReleaseDmaOwner(0)}}) {
        refusal.before = InitialState(refusal.topology);
        for (const Command& command : done)
          StepInPlace(refusal.topology, refusal.profile, refusal.before, command, refusal.model);
        if (refusal.before.crashed) continue;
        for (const Command& command : {PreserveDomain(0), UnpreserveDomain(0), PreserveDevice(0, 0),
                                       UnpreserveDevice(0, 0)}) {
          for (const FaultSite site : {FaultSite::kNone, FaultSite::kFlbGetOutgoing}) {
            refusal.command = command;
            refusal.command.fault.site = site;
            State after = refusal.before;
            StepInPlace(refusal.topology, refusal.profile, after, refusal.command, refusal.model);
            const bool returns = refusal.model.kind == Outcome::Kind::kReturned;
            if (refusal.model.call_count != 0 || (returns && !refusal.model.failed())) continue;
            look(refusal);
          }
        }
      }
    }
  }
}

std::string Print(const Refusal& refusal) {
  return "[" + PrintTopology(refusal.topology) + "] " +
         PrintState(refusal.before, refusal.topology) + "; " + PrintCommand(refusal.command) +
         " = " + PrintOutcome(refusal.model);
}

TEST(Refusals, EveryRefusalOfANamedVersionIsInTheTable) {
  int seen = 0;
  EachRefusal([&](const Refusal& refusal) {
    if (refusal.model.crashed()) return;
    EXPECT_TRUE(refusal.Admits(refusal.model)) << Print(refusal);
    ++seen;
  });
  EXPECT_GT(seen, 500);
}

TEST(Refusals, NoErrorThatNoVersionGivesIsAdmitted) {
  EachRefusal([](const Refusal& refusal) {
    if (refusal.model.kind != Outcome::Kind::kReturned) return;
    Outcome sut = refusal.model;
    for (const int error : {0, -EPERM, -EEXIST, -ENODEV}) {
      sut.error = static_cast<std::int16_t>(error);
      EXPECT_FALSE(refusal.Admits(sut)) << Print(refusal) << " and " << error;
    }
    sut = refusal.model;
    sut.warned = true;
    EXPECT_FALSE(refusal.Admits(sut)) << Print(refusal) << " and a WARN";
    sut = refusal.model;
    sut.AddCall({Op::kIommuPreserve, 0, 0, 0});
    EXPECT_FALSE(refusal.Admits(sut)) << Print(refusal) << " and a driver call";
  });
}

TEST(Refusals, NoWarnIsDropped) {
  EachRefusal([](const Refusal& refusal) {
    if (!refusal.model.warned) return;
    Outcome sut = refusal.model;
    sut.warned = false;
    EXPECT_FALSE(refusal.Admits(sut)) << Print(refusal);
  });
}

TEST(Refusals, CrashIsNeverAdmitted) {
  EachRefusal([](const Refusal& refusal) {
    Outcome sut = refusal.model;
    sut.kind = Outcome::Kind::kCrashed;
    EXPECT_FALSE(refusal.Admits(sut)) << Print(refusal);
  });
}

}  // namespace
}  // namespace holdfast
