// Implementations behind the Sut interface: a saved state comes back, nothing leaks from case to
// case, a crash is contained, and the errors of an implementation are found.
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "model/text/text.h"
#include "model/topology.h"
#include "sut/shipped.h"

namespace holdfast {
namespace {

class Implementation {
 public:
  explicit Implementation(const std::string& name) : sut_(Loaded(name)) { Reset(own_stage()); }

  // The orchestrator that the profile was written for.
  Luo own_stage() const { return sut_->profile() == "v5" ? Luo::kStageC : Luo::kStageA; }

  void Reset(Luo luo, const Topology& topology = MakeTopology(2, 4, 2)) {
    sut_->Reset(topology, luo);
  }
  const Outcome& Run(const Command& command) {
    sut_->Run(command, outcome_);
    return outcome_;
  }
  State Look() {
    sut_->Observe(seen_);
    return seen_.state;
  }
  Sut& sut() { return *sut_; }

  // A preserved device, with all that the device needs.
  void PreserveOne() {
    EXPECT_EQ(Run(PreserveFile()).error, 0);
    EXPECT_EQ(Run(PreserveDomain(0)).error, 0);
    EXPECT_EQ(Run(PreserveDevice(0, 0)).error, 0);
    EXPECT_EQ(Look().device_ser[0], 0);
  }

 private:
  std::unique_ptr<Sut> sut_;
  Outcome outcome_;
  Observation seen_;
};

std::string TestObject(const std::string& name) {
  return std::string(std::getenv("TEST_SRCDIR")) + "/holdfast/sut/mutants/" + name + ".so";
}

class EveryCore : public testing::TestWithParam<const char*> {
 protected:
  Implementation core_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Core, EveryCore, testing::Values("core.v3", "core.v5"),
                         [](const auto& info) {
                           return std::string(info.param) == "core.v3" ? "V3" : "V5";
                         });

TEST_P(EveryCore, StartsInTheInitialState) {
  EXPECT_EQ(core_.Look(), InitialState(MakeTopology(2, 4, 2)));
}

TEST_P(EveryCore, SavedStateComesBack) {
  core_.Reset(Luo::kStageC);
  core_.PreserveOne();
  const State saved_state = core_.Look();
  Snapshot saved, again;
  core_.sut().Save(saved);
  for (const Command& command :
       {PreserveDevice(0, 1), UnpreserveDevice(0, 0), UnpreserveDomain(0), UnpreserveFile(),
        UnpreserveFile(), PreserveFile(), Freeze(), Kexec(), Retrieve()}) {
    core_.Run(command);
  }
  EXPECT_NE(core_.Look(), saved_state);
  core_.sut().Restore(saved);
  EXPECT_EQ(core_.Look(), saved_state);
  core_.sut().Save(again);
  EXPECT_EQ(again.bytes, saved.bytes);
  EXPECT_EQ(core_.Run(PreserveDevice(0, 1)).error, 0);
}

TEST_P(EveryCore, SavedGhostsTrapAgainWhenTheyComeBack) {
  core_.PreserveOne();
  core_.Run(UnpreserveFile());  // first: the device's pointer dangles
  Snapshot ghosts;
  core_.sut().Save(ghosts);
  for (int round = 0; round < 2; ++round) {
    core_.Reset(core_.own_stage());
    EXPECT_EQ(core_.Look(), InitialState(MakeTopology(2, 4, 2)));
    core_.PreserveOne();
    core_.sut().Restore(ghosts);
    EXPECT_EQ(core_.Look().device_ser[0], kStale);
    EXPECT_EQ(core_.Run(PreserveFile()).error, 0);
    EXPECT_TRUE(core_.Run(UnpreserveDevice(0, 0)).crashed());
  }
}

// A snapshot that is restored again and again is taken back word by word (mirror.h). No caller may
// see the difference.
TEST_P(EveryCore, WhatIsTakenBackIsAsItWasSaved) {
  core_.PreserveOne();
  Snapshot saved, again;
  core_.sut().Save(saved);
  const std::vector<Command> commands = {
      PreserveDevice(0, 0),
      PreserveDevice(0, 1),
      UnpreserveDevice(0, 0),
      PreserveDomain(1),
      UnpreserveDomain(0),
      UnpreserveFile(),
      PreserveFile(),
      Freeze(),
      ReleaseDmaOwner(0),
      Attach(1, 0),
      Kexec(),
      WithFault(PreserveDevice(0, 2), FaultSite::kIommuPreserveDevice)};
  for (int round = 0; round < 3; ++round) {
    for (const Command& command : commands) {
      core_.sut().Restore(saved);
      core_.Run(command);
      core_.sut().Restore(saved);
      core_.sut().Save(again);
      EXPECT_EQ(again.bytes, saved.bytes);
      core_.Run(UnpreserveDevice(0, 0));  // from there on it behaves the same, too
      EXPECT_EQ(core_.Look().device_ser[0], kNull);
    }
  }
}

TEST_P(EveryCore, ChangedLooksAtEveryByte) {
  core_.PreserveOne();
  Snapshot saved;
  core_.sut().Save(saved);
  for (int round = 0; round < 3; ++round) {
    core_.sut().Restore(saved);
    core_.sut().Restore(saved);
    EXPECT_FALSE(core_.sut().Changed());
    // refused before anything was touched
    core_.Run(WithFault(PreserveDevice(0, 1), FaultSite::kFlbGetOutgoing));
    EXPECT_FALSE(core_.sut().Changed());
    core_.Run(ClaimDmaOwner(3));
    EXPECT_TRUE(core_.sut().Changed());
  }
}

// The canonical state is the same by each way: by a walk, or by a patch of the state that was
// restored last.
TEST_P(EveryCore, CanonicalWordsAreThoseOfAWalk) {
  core_.Reset(Luo::kStageC);
  Sut& sut = core_.sut();
  const std::vector<Command> ways_on = {
      Attach(1, 1),
      Attach(0, 1),
      Attach(1, 0),
      ReleaseDmaOwner(0),
      ReleaseDmaOwner(2),
      ClaimDmaOwner(2),
      PreserveFile(),
      PreserveDevice(0, 1),
      UnpreserveDevice(0, 0),
      WithFault(PreserveDevice(0, 1), FaultSite::kIommuPreserveDevice, -EIO)};
  const auto expect_the_same = [&] {
    Snapshot before, after;
    sut.Save(before);
    for (const Past past : {Past::kForgotten, Past::kWhole}) {
      CanonicalMemory memory, walked;
      // so that it is asked for once the snapshot is gone on from
      ASSERT_TRUE(sut.Canonicalize(past, memory));
      for (const Command& command : ways_on) {
        SCOPED_TRACE(PrintCommand(command));
        sut.Restore(before);
        sut.Restore(before);
        core_.Run(command);
        ASSERT_TRUE(sut.Canonicalize(past, memory));
        sut.Save(after);
        sut.Restore(after);  // of this one nothing is known
        ASSERT_TRUE(sut.Canonicalize(past, walked));
        EXPECT_EQ(memory.words, walked.words);
        sut.Restore(before);
      }
    }
  };
  expect_the_same();
  core_.PreserveOne();
  expect_the_same();
  // from here on there are ways back to what was at the beginning, which a walk leaves out
  core_.Run(Attach(1, 1));
  core_.Run(ClaimDmaOwner(2));
  expect_the_same();
}

TEST(CoreV3, TheEndOfTheSimulatedMemoryIsSaid) {
  Implementation core("core.v3");
  // each leaves the domain pointing into pages that are gone
  for (int life = 0; life < 1000; ++life) {
    for (const Command& command : {PreserveFile(), PreserveDomain(0), UnpreserveFile()}) {
      const bool failed = core.Run(command).error != 0;
      ASSERT_EQ(core.sut().Exhausted(), failed);
      if (!failed) continue;
      core.Run(ClaimDmaOwner(0));
      EXPECT_FALSE(core.sut().Exhausted());
      return;
    }
  }
  FAIL() << "the machine has more memory than it is said to have";
}

// Another way to the same state: other slots, other pages, an object of the heap elsewhere.
TEST_P(EveryCore, CanonicalWordsForgetTheWay) {
  CanonicalMemory direct, roundabout, whole_direct, whole_roundabout;
  core_.PreserveOne();
  ASSERT_TRUE(core_.sut().Canonicalize(Past::kForgotten, direct));
  ASSERT_TRUE(core_.sut().Canonicalize(Past::kWhole, whole_direct));
  core_.Reset(core_.own_stage());
  for (const Command& command :
       {PreserveFile(), UnpreserveFile(), PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0),
        UnpreserveDevice(0, 0), PreserveDevice(0, 0)}) {
    core_.Run(command);
  }
  ASSERT_TRUE(core_.sut().Canonicalize(Past::kForgotten, roundabout));
  ASSERT_TRUE(core_.sut().Canonicalize(Past::kWhole, whole_roundabout));
  EXPECT_EQ(direct.words, roundabout.words);
  EXPECT_NE(whole_direct.words, whole_roundabout.words);
}

TEST_P(EveryCore, PassesAreCounted) {
  core_.Run(PreserveFile());
  EXPECT_TRUE(core_.sut().Passes(FaultSite::kKhoAlloc, 4));
  EXPECT_FALSE(core_.sut().Passes(FaultSite::kKhoAlloc, 5));
  EXPECT_FALSE(core_.sut().Passes(FaultSite::kIommuPreserve, 1));
}

TEST_P(EveryCore, ResetForgetsEverything) {
  Snapshot fresh, after;
  core_.sut().Save(fresh);
  core_.PreserveOne();
  core_.Run(Freeze());
  core_.Run(Kexec());
  core_.Run(Retrieve());
  core_.Reset(Luo::kStageB, MakeTopology(1, 1, 1));
  core_.Run(PreserveFile());
  core_.Reset(core_.own_stage());
  EXPECT_EQ(core_.Look(), InitialState(MakeTopology(2, 4, 2)));
  core_.sut().Save(after);
  EXPECT_EQ(after.bytes, fresh.bytes);
}

TEST_P(EveryCore, CrashIsContainedAndResetGoesOn) {
  for (int round = 0; round < 3; ++round) {
    core_.Reset(Luo::kStageA);
    const Outcome& crash = core_.Run(PreserveDomain(0));  // no FLB on stage A: locks a NULL object
    EXPECT_TRUE(crash.crashed());
    EXPECT_TRUE(core_.Look().crashed);
    EXPECT_TRUE(core_.Run(PreserveFile()).crashed());
    EXPECT_EQ(core_.Run(PreserveFile()).call_count, 0);
    core_.Reset(core_.own_stage());
    EXPECT_FALSE(core_.Look().crashed);
    core_.PreserveOne();
  }
}

TEST_P(EveryCore, FlbComesOverKexecAndIsFinished) {
  core_.Reset(Luo::kStageC);
  core_.PreserveOne();
  const Flb outgoing = core_.Look().flb;
  core_.Run(Freeze());
  core_.Run(Kexec());
  EXPECT_EQ(core_.Look().incoming.flb, outgoing);
  EXPECT_FALSE(core_.Look().flb.present);
  EXPECT_EQ(core_.Run(Retrieve()).error, 0);
  EXPECT_EQ(core_.Look().incoming.flb, outgoing);
  core_.Run(Finish());
  EXPECT_EQ(core_.Look().incoming.status, Incoming::Status::kFinished);
  EXPECT_EQ(core_.Look().kho, KhoPages());
}

TEST_P(EveryCore, ChainsGrowOverPages) {
  const int slots = static_cast<int>(core_.sut().layout().device_capacity()) + 2;
  core_.Run(PreserveFile());
  core_.Run(PreserveDomain(0));
  for (int i = 0; i < slots; ++i) {
    const SlotRef slot = static_cast<SlotRef>(i);
    ASSERT_EQ(core_.Run(PreserveDevice(0, 0)).error, 0);
    ASSERT_EQ(core_.Look().device_ser[0], slot);
    ASSERT_EQ(core_.Run(UnpreserveDevice(0, 0)).calls[0].slot, slot);
  }
  const State state = core_.Look();
  EXPECT_EQ(state.flb.devices.size(), static_cast<std::size_t>(slots));
  EXPECT_EQ(state.flb.damage, 0);
  EXPECT_EQ(state.kho.stray, 0);
  EXPECT_EQ(core_.Run(WithFault(PreserveDevice(0, 0), FaultSite::kKhoAlloc)).fault_fired,
            (slots % core_.sut().layout().hw_capacity()) == 0);
}

TEST(Implementations, LoadedSideBySideDoNotMeet) {
  Implementation v3("core.v3"), v5("core.v5"), stubs("stubs");
  v3.PreserveOne();
  EXPECT_EQ(v5.Look(), InitialState(MakeTopology(2, 4, 2)));
  v5.PreserveOne();
  v3.Run(UnpreserveDevice(0, 0));
  EXPECT_EQ(v5.Look().device_ser[0], 0);
  EXPECT_EQ(v3.Look().device_ser[0], kNull);
  EXPECT_EQ(stubs.Look(), InitialState(MakeTopology(2, 4, 2)));
  v3.Reset(Luo::kStageA);
  EXPECT_TRUE(v3.Run(PreserveDomain(0)).crashed());
  EXPECT_EQ(v5.Run(PreserveDomain(1)).error, 0);
}

TEST(Implementations, StubsAnswerAsAKernelWithoutTheOption) {
  Implementation stubs("stubs");
  EXPECT_EQ(stubs.Run(PreserveFile()).error, 0);
  EXPECT_EQ(stubs.Run(PreserveDomain(0)).error, -EOPNOTSUPP);
  EXPECT_EQ(stubs.Run(PreserveDevice(0, 0)).error, -EOPNOTSUPP);
  EXPECT_EQ(stubs.Run(UnpreserveDevice(0, 0)).kind, Outcome::Kind::kVoid);
  EXPECT_FALSE(stubs.Run(UnpreserveDomain(0)).warned);
  EXPECT_EQ(stubs.Run(Retrieve()).error, -ENODATA);
  EXPECT_EQ(stubs.Run(ForEachDev(1)).call_count, 2);
  EXPECT_FALSE(stubs.Look().flb.present);
}

TEST(Implementations, HiddenStaticIsSavedAndForgottenByReset) {
  // its third domain in a kernel's life is refused with -EIO
  Implementation counting(TestObject("counting"));
  Snapshot before;
  for (int round = 0; round < 2; ++round) {
    counting.Reset(Luo::kStageA);
    counting.Run(PreserveFile());
    EXPECT_EQ(counting.Run(PreserveDomain(0)).error, 0);
    counting.sut().Save(before);
    EXPECT_EQ(counting.Run(PreserveDomain(0)).error, 0);
    EXPECT_EQ(counting.Run(PreserveDomain(0)).error, -EIO);
    counting.sut().Restore(before);
    EXPECT_EQ(counting.Run(PreserveDomain(0)).error, 0);
    EXPECT_EQ(counting.Run(PreserveDomain(0)).error, -EIO);
    counting.Run(Kexec());
    counting.Run(PreserveFile());
    EXPECT_EQ(counting.Run(PreserveDomain(0)).error, 0) << "a new kernel has new data";
  }
}

TEST(Implementations, LockThatIsNotReleasedIsFoundAndThenADeadlock) {
  Implementation leaking(TestObject("leaking_lock"));
  leaking.Run(PreserveFile());
  EXPECT_EQ(leaking.Run(PreserveDomain(0)).findings, FindingBit(Finding::kLockLeaked));
  EXPECT_TRUE(leaking.Run(PreserveDomain(1)).crashed());
  leaking.Reset(Luo::kStageA);
  EXPECT_EQ(leaking.Run(PreserveFile()).findings, 0);
}

TEST(Implementations, DriverOpsWithoutTheLockAreFound) {
  Implementation unlocked(TestObject("no_lock"));
  unlocked.Run(PreserveFile());
  EXPECT_EQ(unlocked.Run(PreserveDomain(0)).findings, FindingBit(Finding::kOpWithoutLock));
}

TEST(Implementations, OutParameterOfAFailedCallIsFound) {
  Implementation eager(TestObject("eager_out"));
  eager.Run(PreserveFile());
  const Outcome& outcome = eager.Run(WithFault(PreserveDomain(0), FaultSite::kPtPreserve, -EIO));
  EXPECT_EQ(outcome.findings, FindingBit(Finding::kOutParamOnFailure));
  EXPECT_EQ(outcome.out, kNull);
}

TEST(Implementations, ObjectThatIsNotFreedIsFound) {
  Implementation forgetful(TestObject("unfreed_object"));
  forgetful.Run(PreserveFile());
  EXPECT_EQ(forgetful.Run(UnpreserveFile()).findings, FindingBit(Finding::kMemoryLeaked));
}

TEST(Implementations, BreachesOfTheDriverContractAreFound) {
  Implementation careless(TestObject("careless"));
  careless.PreserveOne();
  careless.Reset(Luo::kStageA);
  careless.Run(PreserveFile());
  careless.Run(PreserveDomain(0));
  EXPECT_EQ(careless.Run(PreserveDevice(0, 0)).findings,
            FindingBit(Finding::kPublishedEarly) | FindingBit(Finding::kDirtySlot));
  EXPECT_EQ(careless.Run(UnpreserveDevice(0, 0)).findings,
            FindingBit(Finding::kSlotNotDeleted) | FindingBit(Finding::kWithdrawnLate));
}

#if defined(__SANITIZE_ADDRESS__)
#define HOLDFAST_STACK_IS_WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOLDFAST_STACK_IS_WATCHED
#endif
#endif

#ifndef HOLDFAST_STACK_IS_WATCHED  // by AddressSanitizer, which stops the process itself
TEST(Implementations, EndlessRecursionIsACrash) {
  Implementation recursing(TestObject("recursing"));
  EXPECT_TRUE(recursing.Run(PreserveDomain(0)).crashed());
  recursing.Reset(Luo::kStageA);
  EXPECT_EQ(recursing.Run(PreserveFile()).error, 0);
}
#endif

TEST(Implementations, EndlessLoopIsACrash) {
  Implementation looping(TestObject("looping"));
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = looping.Run(PreserveDomain(0));
    EXPECT_TRUE(outcome.crashed());
    EXPECT_EQ(outcome.findings, FindingBit(Finding::kHung));
    looping.Reset(Luo::kStageA);
    EXPECT_EQ(looping.Run(PreserveFile()).error, 0);
  }
}

}  // namespace
}  // namespace holdfast
