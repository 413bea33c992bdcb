// VT-d's walker where it translates, and where it is given garbage.

#include "sut/hardware/vtd.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <variant>

#include <gtest/gtest.h>

#include "sut/hardware/bits.h"
#include "sut/hardware/test_memory.h"
#include "sut/hardware/vtd_fault.h"
#include "sut/hardware/vtd_world.h"

namespace holdfast::hardware {
namespace {

using namespace vtd_world;
using F = VtdFault;

TEST(Vtd, LegacyModeTranslatesAndReportsTheDomain) {
  const World world = Legacy();
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
  EXPECT_EQ(world.memory.reads(), 2 + 2 + 4);
}

TEST(Vtd, AUnitThatIsOffPassesEverything) {
  World world = Legacy();
  world.unit.gsts = 0;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{kAddress, true, true, 0, std::nullopt}));
  EXPECT_EQ(world.memory.reads(), 0);
}

TEST(Vtd, LegacyThreeAndFiveLevelsFollowTheAddressWidth) {
  World world = Legacy();
  world.memory.Put(kContext, {0x4001, 0x7701});  // width 1: 39 bits, from the table at 0x4000
  world.request.address = kAddress & 0x7f'ffff'ffff;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));

  // width 3: 57 bits; [56:48] of the address is 0x1ff
  world.memory.Put(kContext, {0x9001, 0x7703});
  world.memory[0x9000 + 8 * 0x1ff] = 0x3003;
  world.request.address = 0x1ff'1234'5678'9abc;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, SecondStageLargePagesKeepTheLowAddressBits) {
  World world = Legacy();
  world.memory[kLevel2] = 0x4000'0083;  // 2 MB: the low 21 bits of the address, 0x18'9abc
  EXPECT_EQ(world.Translate(),
            VtdOutcome(VtdTranslation{0x4018'9abc, true, true, 0x20'0000, 0x77}));
  world.memory[kLevel3] = 0x8000'0083;  // 1 GB: the low 30 bits, 0x1678'9abc
  EXPECT_EQ(world.Translate(),
            VtdOutcome(VtdTranslation{0x9678'9abc, true, true, 0x4000'0000, 0x77}));
}

TEST(Vtd, RightsAreThoseThatEveryLevelGrants) {
  World world = Legacy();
  world.memory[kLevel2] = 0x6001;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0xabcd'eabc, true, false, 4096, 0x77}));
  world.memory[kLevel2] = 0x6002;
  world.request.access = Access::kWrite;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0xabcd'eabc, false, true, 4096, 0x77}));
}

TEST(Vtd, PassThroughReportsTheDomainInBothModes) {
  World legacy = Legacy();
  // where the page table would be is not looked at
  legacy.memory.Put(kContext, {1ull << 50 | 2 << 2 | 1, 0xfffe02});
  EXPECT_EQ(legacy.Translate(), VtdOutcome(VtdTranslation{kAddress, true, true, 0, 0xfffe}));
  World scalable = Scalable();
  scalable.memory.Put(kPasid, {4 << 6 | 1, 0x77, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(scalable.Translate(), VtdOutcome(VtdTranslation{kAddress, true, true, 0, 0x77}));
}

TEST(Vtd, ScalableModeTranslatesThroughRidPasid) {
  EXPECT_EQ(ScalableSecond().Translate(), VtdOutcome(Page(0xabcd'eabc)));
  EXPECT_EQ(ScalableFirst().Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, TheUpperHalfOfARootEntryServesDevices16To31) {
  World world = ScalableSecond();
  world.request.source_id = 0x1299;  // devfn 0x99 = 0x80 + 0x19
  EXPECT_EQ(world.Translate(), VtdOutcome(F::kSrt2));
  // what is in the lower half is not looked at
  world.memory.Put(kRoot, {0xffff'ffff'ffff'fffe, 0x2001});
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, ARequestWithPasidUsesThatPasidsEntry) {
  World world = ScalableSecond();
  world.request.pasid = 0x43;
  EXPECT_EQ(world.Translate(), VtdOutcome(F::kSpt2));
  world.memory.Put(kPasid + 64, {4 << 6 | 1, 0x99, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{kAddress, true, true, 0, 0x99}));
  world.request.pasid = 0x7f;  // the last of the directory entry
  world.memory.Put(0x8fc0, {4 << 6 | 1, 0x9a, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{kAddress, true, true, 0, 0x9a}));
  // with a PASID it is an address like any other on the way in
  world.request.address = 0xfee0'0010;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0xfee0'0010, true, true, 0, 0x9a}));
}

TEST(Vtd, FirstStageFiveLevelsAndLargePages) {
  World world = ScalableFirst();
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x9000 | 1 << 2, 0, 0, 0, 0, 0});
  world.memory[0x9000 + 8 * 0xff] = 0x3007;
  world.request.address = 0xff'1234'5678'9abc;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
  world.memory[kLevel2] = 0x4000'1087;  // 2 MB; bit 12 is its PAT bit and no address
  EXPECT_EQ(world.Translate(),
            VtdOutcome(VtdTranslation{0x4018'9abc, true, true, 0x20'0000, 0x77}));
  world.memory[kLevel3] = 0x8000'0087;
  EXPECT_EQ(world.Translate(),
            VtdOutcome(VtdTranslation{0x9678'9abc, true, true, 0x4000'0000, 0x77}));
}

TEST(Vtd, TheFirstStageHasTwoHalves) {
  World world = ScalableFirst();
  world.memory[0x3000 + 8 * 0x124] = 0x4007;  // bit 47 set: [47:39] is 0x100 + 0x24
  world.request.address = 0xffff'8000'0000'0000 | kAddress;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, RidPrivIsForRequestsWithoutPasidAndUnitsThatHaveIt) {
  World world = ScalableFirst();  // SRE is clear: a supervisor's request would be blocked
  world.memory.Put(kScalableContext, {0x7009, 0x10'0042, 0, 0});
  world.request.pasid = 0x42;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
  world.request.pasid.reset();
  world.unit.ecap &= ~(1ull << 53);
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, ASupervisorMayWriteWhatIsReadOnlyUnlessWpeIsSet) {
  World world = ScalableFirst();
  world.memory.Put(kScalableContext, {0x7009, 0x10'0042, 0, 0});        // RID_PRIV
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x3001, 0, 0, 0, 0, 0});  // SRE
  // read-only, supervisor's
  world.memory[kLevel1] = 0xabcd'e001;
  world.request.access = Access::kWrite;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x3011, 0, 0, 0, 0, 0});  // and WPE
  EXPECT_EQ(world.Translate(), VtdOutcome(F::kSgn6));
}

TEST(Vtd, NestedTranslatesEveryFirstStageEntryAndTheResult) {
  World world = Nested();
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0x5'5555'5abc)));
  EXPECT_EQ(world.memory.reads(), 2 + 4 + 1 + 8 + 4 * (3 + 1) + 3);
  world.memory[kNestedTables + 8 * 5] = 0x1'0003;  // guest 0x5000 is elsewhere
  world.memory[0x1'0598] = 0x6007;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0x5'5555'5abc)));
  world.memory[kNestedLeaf] = 0x5'5555'5001;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x5'5555'5abc, true, false, 4096, 0x77}));
  // and tables that are read-only are no obstacle to a write
  world.memory[kNestedLeaf] = 0x5'5555'5002;
  for (std::uint64_t page : {3, 4, 6}) world.memory[kNestedTables + 8 * page] &= ~2ull;
  world.request.access = Access::kWrite;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x5'5555'5abc, false, true, 4096, 0x77}));
  world.request.access = Access::kRead;
  // the smaller page of the two stages is the page
  world.memory[kLevel2] = 0, world.memory[0x1'0598] = 0xabc0'0087;
  EXPECT_EQ(world.Translate(), VtdOutcome(F::kSss2));
  // guest 0xabc0'0000 + 0x18'9000 is a page of 4 KB
  world.memory[0xd000 + 8 * 0x189] = 0x7000'0003;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x7000'0abc, true, true, 4096, 0x77}));
  world.memory[0xc000 + 8 * 0x15e] = 0x4000'0083;
  EXPECT_EQ(world.Translate(),
            VtdOutcome(VtdTranslation{0x4018'9abc, true, true, 0x20'0000, 0x77}));
}

TEST(Vtd, BitsOfUnitsThatHaveThemAreNotReserved) {
  World world = Legacy();
  world.unit.ecap |= 1 << 7 | 1 << 2;  // snoop control, device TLBs
  world.memory[kContext] |= 1 << 2;
  world.memory[kLevel1] |= 1 << 11 | 1ull << 62;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, IgnoredBitsAreIgnored) {
  World world = Legacy();
  world.memory[kContext] |= 2;         // FPD silences faults, and there is none
  world.memory[kContext + 8] |= 0x78;  // [70:67]
  for (const std::uint64_t place : {kLevel4, kLevel3, kLevel2, kLevel1})
    world.memory[place] |= 0xbff0'0000'0000'077c;
  world.memory[kLevel1] |= 0x80;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, TheDeepestNestedWalkReadsTheBoundAndNoMore) {
  World world = Scalable();
  // Five levels in both stages, all tables at one page: its word 0 is a table and, at the last
  // level, the page itself.
  world.memory.Put(kPasid, {0x9000 | 3 << 6 | 3 << 2 | 1, 0x77, 0xa000 | 1 << 2, 0, 0, 0, 0, 0});
  world.memory[0x9000] = 0x9003;           // the second stage maps guest 0x0 to 0x9000 ...
  world.memory[0x9000 + 8 * 10] = 0xa003;  // ... and, in its last table, guest 0xa000 to 0xa000
  world.memory[0xa000] = 0xa007;
  world.request.address = 0xabc;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xaabc)));
  EXPECT_EQ(world.memory.reads(), kVtdMaxReads);
}

TEST(Vtd, GarbageIsAnsweredWithinTheBound) {
  std::mt19937_64 random(1);
  int translated = 0, deepest = 0;
  std::set<F> faults;
  for (int i = 0; i < 200'000; ++i) {
    GarbageMemory memory(random());
    VtdUnit unit = kUnit;
    unit.rtaddr = 0x1000 | (random() % 2) << 10;
    VtdRequest request = {
        0x1219, {}, random() >> (16 + random() % 48), static_cast<Access>(random() % 2)};
    switch (random() % 4) {
      case 0:  // garbage all over
        unit = {random(), random(), 0x8000'0000, random() & 0x3ff'ffff'fc00,
                static_cast<int>(32 + random() % 21)};
        request.source_id = static_cast<std::uint16_t>(random());
        if (random() % 2) request.pasid = random() & 0xfffff;
        break;
      case 1:  // below a root entry that is right
        memory.Put(kRoot, {0x2001, 0});
        break;
      default:  // in the page tables
        memory.Put(kRoot, {0x2001, 0});
        if (Bits(unit.rtaddr, 11, 10) == 0) {
          memory.Put(kContext, {0x3001, 0x7701 + random() % 3});
        } else {
          memory.Put(kScalableContext, {0x7009, 0x42, 0, 0});
          memory.Put(kDirectory, {0x8001});
          const std::uint64_t second =
              0x9000 | (1 + random() % 4) << 6 | (1 + random() % 3) << 2 | 1;
          memory.Put(kPasid, {second, 0x77, 0x3000 | (random() % 2) << 2, 0, 0, 0, 0, 0});
        }
    }
    const VtdOutcome outcome = Translate(memory, unit, request);
    ASSERT_LE(memory.reads(), kVtdMaxReads);
    deepest = std::max(deepest, memory.reads());
    if (const F* fault = std::get_if<F>(&outcome)) {
      faults.insert(*fault);
    } else {
      ++translated;
    }
  }
  // The garbage is not all turned away at the door.
  EXPECT_GT(translated, 10'000);
  EXPECT_GT(deepest, 25);
  EXPECT_GT(faults.size(), 30u);
}

}  // namespace
}  // namespace holdfast::hardware
