// VT-d's walker against tables written word by word. The numbers are worked out from the specification in the comments.

#include "sut/hardware/vtd.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sut/hardware/bits.h"
#include "sut/hardware/test_memory.h"

namespace holdfast::hardware {
namespace {

using F = VtdFault;

struct World {
  SparseMemory memory;
  VtdUnit unit;
  VtdRequest request;

  VtdOutcome Translate() const { return hardware::Translate(memory, unit, request); }
};

// A unit with everything but snoop control and device TLBs: ND 6 (16-bit domain ids), SAGAW 39, 48 and 57 bits, MGAW 57,
// large pages of both sizes in both stages; pass-through, nesting, scalable mode with both stages, abort-DMA mode, RID_PRIV.
constexpr VtdUnit kUnit = {
    .cap = 6 | 0xeull << 8 | 56ull << 16 | 3ull << 34 | 1ull << 56 | 1ull << 60,
    .ecap = 1ull << 6 | 1ull << 26 | 1ull << 43 | 1ull << 46 | 1ull << 47 | 1ull << 52 | 1ull << 53,
    .gsts = 0x8000'0000,
    .rtaddr = 0x1000,
    .host_address_width = 46,
};

// 0x1234'5678'9abc: bits [47:39] 0x24, [38:30] 0xd1, [29:21] 0xb3, [20:12] 0x189, [11:0] 0xabc; times 8 these are the
// offsets 0x120, 0x688, 0x598 and 0xc48.
constexpr std::uint64_t kAddress = 0x1234'5678'9abc;
constexpr std::uint64_t kLevel4 = 0x3120, kLevel3 = 0x4688, kLevel2 = 0x5598, kLevel1 = 0x6c48;

// Device 12:03.1: bus 0x12, devfn 3 * 8 + 1 = 0x19. Its root entry is at 0x1000 + 0x12 * 16, its context entry in legacy
// mode at 0x2000 + 0x19 * 16. Context entry: present, type 0; width 2 (48 bits, four levels), domain id 0x77.
constexpr std::uint64_t kRoot = 0x1120, kContext = 0x2190;

void PutSecondStage(SparseMemory& memory) {
  memory[kLevel4] = 0x4003;
  memory[kLevel3] = 0x5003;
  memory[kLevel2] = 0x6003;
  memory[kLevel1] = 0xabcd'e003;
}

World Legacy() {
  World world{{}, kUnit, {.source_id = 0x1219, .pasid = {}, .address = kAddress}};
  world.memory.Put(kRoot, {0x2001, 0});
  world.memory.Put(kContext, {0x3001, 0x7702});
  PutSecondStage(world.memory);
  return world;
}

// The same device in scalable mode (TTM 1). devfn 0x19 is in the lower half; its context entry is at 0x2000 + 0x19 * 32 =
// 0x2320: present, PASIDs enabled, PDTS 0 (128 directory entries, 8192 PASIDs); RID_PASID 0x42. Directory entry 0x42 >> 6 = 1
// is at 0x7008; table entry 0x42 & 63 = 2 at 0x8080.
constexpr std::uint64_t kScalableContext = 0x2320, kDirectory = 0x7008, kPasid = 0x8080;

World Scalable() {
  World world{{}, kUnit, {.source_id = 0x1219, .pasid = {}, .address = kAddress}};
  world.unit.rtaddr = 0x1400;
  world.memory.Put(kRoot, {0x2001, 0});
  world.memory.Put(kScalableContext, {0x7009, 0x42, 0, 0});
  world.memory[kDirectory] = 0x8001;
  return world;
}

// PASID entry, second stage: P, AW 2 in [4:2], PGTT 2 in [8:6].
World ScalableSecond() {
  World world = Scalable();
  world.memory.Put(kPasid, {0x3000 | 2 << 6 | 2 << 2 | 1, 0x77, 0, 0, 0, 0, 0, 0});
  PutSecondStage(world.memory);
  return world;
}

// PASID entry, first stage: P, PGTT 1; FLPM 0 (four levels). First-stage entries: P, R/W, U/S.
World ScalableFirst() {
  World world = Scalable();
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x3000, 0, 0, 0, 0, 0});
  world.memory[kLevel4] = 0x4007;
  world.memory[kLevel3] = 0x5007;
  world.memory[kLevel2] = 0x6007;
  world.memory[kLevel1] = 0xabcd'e007;
  return world;
}

// PASID entry, nested: P, AW 1 (39 bits, three levels), PGTT 3. The first stage as above lives at guest 0x3000 to 0x6fff and
// leads to guest 0xabcd'e000. The second stage at 0x9000: guest [38:30] 0 -> 0xa000 -> [29:21] 0 -> 0xb000, whose entries 3
// to 6 map the tables to themselves; guest 0xabcd'e000 has [38:30] 2, [29:21] 0x15e and [20:12] 0xde.
constexpr std::uint64_t kNestedTop = 0x9000, kNestedTables = 0xb000, kNestedLeaf = 0xd6f0;

World Nested() {
  World world = ScalableFirst();
  world.memory.Put(kPasid, {0x9000 | 3 << 6 | 1 << 2 | 1, 0x77, 0x3000, 0, 0, 0, 0, 0});
  world.memory[kNestedTop] = 0xa003;
  world.memory[0xa000] = 0xb003;
  for (std::uint64_t page = 3; page <= 6; ++page) world.memory[kNestedTables + 8 * page] = page << 12 | 3;
  world.memory[kNestedTop + 8 * 2] = 0xc003;
  world.memory[0xc000 + 8 * 0x15e] = 0xd003;
  world.memory[kNestedLeaf] = 0x5'5555'5003;
  return world;
}

VtdTranslation Page(std::uint64_t address) { return {address, true, true, 4096, 0x77}; }

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

  world.memory.Put(kContext, {0x9001, 0x7703});  // width 3: 57 bits; [56:48] of the address is 0x1ff
  world.memory[0x9000 + 8 * 0x1ff] = 0x3003;
  world.request.address = 0x1ff'1234'5678'9abc;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, SecondStageLargePagesKeepTheLowAddressBits) {
  World world = Legacy();
  world.memory[kLevel2] = 0x4000'0083;  // 2 MB: the low 21 bits of the address, 0x18'9abc
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x4018'9abc, true, true, 0x20'0000, 0x77}));
  world.memory[kLevel3] = 0x8000'0083;  // 1 GB: the low 30 bits, 0x1678'9abc
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x9678'9abc, true, true, 0x4000'0000, 0x77}));
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
  legacy.memory.Put(kContext, {1ull << 50 | 2 << 2 | 1, 0xfffe02});  // where the page table would be is not looked at
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
  world.request.source_id = 0x1299;                         // devfn 0x99 = 0x80 + 0x19
  EXPECT_EQ(world.Translate(), VtdOutcome(F::kSrt2));
  world.memory.Put(kRoot, {0xffff'ffff'ffff'fffe, 0x2001}); // what is in the lower half is not looked at
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
  world.request.address = 0xfee0'0010;  // with a PASID it is an address like any other on the way in
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0xfee0'0010, true, true, 0, 0x9a}));
}

TEST(Vtd, FirstStageFiveLevelsAndLargePages) {
  World world = ScalableFirst();
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x9000 | 1 << 2, 0, 0, 0, 0, 0});
  world.memory[0x9000 + 8 * 0xff] = 0x3007;
  world.request.address = 0xff'1234'5678'9abc;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
  world.memory[kLevel2] = 0x4000'1087;  // 2 MB; bit 12 is its PAT bit and no address
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x4018'9abc, true, true, 0x20'0000, 0x77}));
  world.memory[kLevel3] = 0x8000'0087;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x9678'9abc, true, true, 0x4000'0000, 0x77}));
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
  world.memory.Put(kScalableContext, {0x7009, 0x10'0042, 0, 0});                        // RID_PRIV
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x3001, 0, 0, 0, 0, 0});                  // SRE
  world.memory[kLevel1] = 0xabcd'e001;                                                  // read-only, supervisor's
  world.request.access = Access::kWrite;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x3011, 0, 0, 0, 0, 0});                  // and WPE
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
  world.memory[kNestedLeaf] = 0x5'5555'5002;  // and tables that are read-only are no obstacle to a write
  for (std::uint64_t page : {3, 4, 6}) world.memory[kNestedTables + 8 * page] &= ~2ull;
  world.request.access = Access::kWrite;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x5'5555'5abc, false, true, 4096, 0x77}));
  world.request.access = Access::kRead;
  world.memory[kLevel2] = 0, world.memory[0x1'0598] = 0xabc0'0087;  // the smaller page of the two stages is the page
  EXPECT_EQ(world.Translate(), VtdOutcome(F::kSss2));
  world.memory[0xd000 + 8 * 0x189] = 0x7000'0003;  // guest 0xabc0'0000 + 0x18'9000 is a page of 4 KB
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x7000'0abc, true, true, 4096, 0x77}));
  world.memory[0xc000 + 8 * 0x15e] = 0x4000'0083;
  EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{0x4018'9abc, true, true, 0x20'0000, 0x77}));
}

// Each fault, provoked by one change to a world that translates.
struct Case {
  F fault;
  std::string claim;
  std::function<World()> start;
  std::function<void(World&)> change;
};

std::vector<Case> Cases() {
  const auto write = [](World& w) { w.request.access = Access::kWrite; };
  return {
      {F::kAbortDmaMode, "TTM 3", Legacy, [](World& w) { w.unit.rtaddr = 0x1c00; }},
      {F::kInterruptRange, "address", Legacy, [](World& w) { w.request.address = 0xfeef'fffc; }},
      {F::kRta1, "TTM 2 is reserved", Legacy, [](World& w) { w.unit.rtaddr = 0x1800; }},
      {F::kRta1, "scalable mode without SMTS", Scalable, [](World& w) { w.unit.ecap &= ~(1ull << 43); }},
      {F::kRta1, "abort-DMA mode without ADMS", Legacy,
       [](World& w) { w.unit.rtaddr = 0x1c00, w.unit.ecap &= ~(1ull << 52); }},
      {F::kRta1, "root table beyond the host's width", Legacy, [](World& w) { w.unit.rtaddr |= 1ull << 46; }},
      {F::kRta2, "PASID in legacy mode", Legacy, [](World& w) { w.request.pasid = 1; }},

      {F::kLrt1, "no memory", Legacy, [](World& w) { w.memory.RemovePage(0x1000); }},
      {F::kLrt2, "not present", Legacy, [](World& w) { w.memory[kRoot] = 0x2000; }},
      {F::kLrt3, "bit 1", Legacy, [](World& w) { w.memory[kRoot] = 0x2003; }},
      {F::kLrt3, "bit 46", Legacy, [](World& w) { w.memory[kRoot] |= 1ull << 46; }},
      {F::kLrt3, "the second word", Legacy, [](World& w) { w.memory[kRoot + 8] = 1ull << 63; }},
      {F::kLct1, "no memory", Legacy, [](World& w) { w.memory.RemovePage(0x2000); }},
      {F::kLct2, "not present", Legacy, [](World& w) { w.memory[kContext] = 0x3000; }},
      {F::kLct3, "bit 4", Legacy, [](World& w) { w.memory[kContext] |= 1 << 4; }},
      {F::kLct3, "page table beyond the host's width", Legacy, [](World& w) { w.memory[kContext] |= 1ull << 50; }},
      {F::kLct3, "bit 71", Legacy, [](World& w) { w.memory[kContext + 8] |= 1 << 7; }},
      {F::kLct3, "bit 88", Legacy, [](World& w) { w.memory[kContext + 8] |= 1 << 24; }},
      {F::kLct3, "a domain id that the unit does not have (ND 0: 16 of them)", Legacy, [](World& w) { w.unit.cap &= ~7ull; }},
      {F::kLct4, "type 3 is reserved", Legacy, [](World& w) { w.memory[kContext] |= 3 << 2; }},
      {F::kLct4, "device TLBs without DT", Legacy, [](World& w) { w.memory[kContext] |= 1 << 2; }},
      {F::kLct4, "pass-through without PT", Legacy,
       [](World& w) { w.memory[kContext] |= 2 << 2, w.unit.ecap &= ~(1ull << 6); }},
      {F::kLct4, "width 0", Legacy, [](World& w) { w.memory[kContext + 8] = 0x7700; }},
      {F::kLct4, "width 4", Legacy, [](World& w) { w.memory[kContext + 8] = 0x7704; }},
      {F::kLct4, "width 3 without SAGAW 57", Legacy,
       [](World& w) { w.memory[kContext + 8] = 0x7703, w.unit.cap &= ~(8ull << 8); }},
      {F::kLct4, "no memory for the first table", Legacy, [](World& w) { w.memory.RemovePage(kLevel4); }},
      {F::kLsl1, "no memory for the second table", Legacy, [](World& w) { w.memory.RemovePage(kLevel3); }},
      {F::kLsl1, "no memory for the last table", Legacy, [](World& w) { w.memory.RemovePage(kLevel1); }},
      {F::kLsl2, "page size at level 4", Legacy, [](World& w) { w.memory[kLevel4] |= 0x80; }},
      {F::kLsl2, "1 GB without SLLPS", Legacy,
       [](World& w) { w.memory[kLevel3] = 0x8000'0083, w.unit.cap &= ~(2ull << 34); }},
      {F::kLsl2, "2 MB without SLLPS", Legacy,
       [](World& w) { w.memory[kLevel2] = 0x4000'0083, w.unit.cap &= ~(1ull << 34); }},
      {F::kLsl2, "2 MB page not aligned", Legacy, [](World& w) { w.memory[kLevel2] = 0x4000'1083; }},
      {F::kLsl2, "1 GB page not aligned", Legacy, [](World& w) { w.memory[kLevel3] = 0x8020'0083; }},
      {F::kLsl2, "snoop without SC", Legacy, [](World& w) { w.memory[kLevel1] |= 1 << 11; }},
      {F::kLsl2, "snoop in a table's entry", Legacy, [](World& w) { w.memory[kLevel2] |= 1 << 11, w.unit.ecap |= 1 << 7; }},
      {F::kLsl2, "transient mapping without DT", Legacy, [](World& w) { w.memory[kLevel1] |= 1ull << 62; }},
      {F::kLsl2, "transient mapping in a table's entry", Legacy,
       [](World& w) { w.memory[kLevel2] |= 1ull << 62, w.unit.ecap |= 1 << 2; }},
      {F::kLsl2, "page beyond the host's width", Legacy, [](World& w) { w.memory[kLevel1] |= 1ull << 51; }},
      {F::kLgn1, "beyond the context's width", Legacy, [](World& w) { w.request.address |= 1ull << 48; }},
      {F::kLgn1, "beyond MGAW", Legacy, [](World& w) { w.unit.cap = (w.unit.cap & ~(63ull << 16)) | 43ull << 16; }},
      {F::kLgn1, "pass-through beyond the host's width", Legacy,
       [](World& w) { w.memory[kContext] = 2 << 2 | 1, w.request.address = 1ull << 46; }},
      {F::kLgn2, "write to what is read-only at level 3", Legacy,
       [write](World& w) { write(w), w.memory[kLevel3] = 0x5001; }},
      {F::kLgn2, "write to nothing", Legacy, [write](World& w) { write(w), w.memory[kLevel1] = 0; }},
      {F::kLgn3, "read of what is write-only", Legacy, [](World& w) { w.memory[kLevel1] = 0xabcd'e002; }},
      {F::kLgn3, "read of nothing", Legacy, [](World& w) { w.memory[kLevel3] = 0; }},
      {F::kLgn4, "mapped to the interrupt range", Legacy, [](World& w) { w.memory[kLevel1] = 0xfee0'0003; }},

      {F::kSrt1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(0x1000); }},
      {F::kSrt2, "not present", ScalableSecond, [](World& w) { w.memory[kRoot] = 0x2000; }},
      {F::kSrt3, "bit 11", ScalableSecond, [](World& w) { w.memory[kRoot] |= 1 << 11; }},
      {F::kSrt3, "bit 46", ScalableSecond, [](World& w) { w.memory[kRoot] |= 1ull << 46; }},
      {F::kSct1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(0x2000); }},
      {F::kSct2, "not present", ScalableSecond, [](World& w) { w.memory[kScalableContext] = 0x7008; }},
      {F::kSct3, "bit 5", ScalableSecond, [](World& w) { w.memory[kScalableContext] |= 1 << 5; }},
      {F::kSct3, "directory beyond the host's width", ScalableSecond,
       [](World& w) { w.memory[kScalableContext] |= 1ull << 63; }},
      {F::kSct3, "bit 85", ScalableSecond, [](World& w) { w.memory[kScalableContext + 8] |= 1 << 21; }},
      {F::kSct3, "the last word", ScalableSecond, [](World& w) { w.memory[kScalableContext + 24] = 1; }},
      {F::kSct4, "RID_PASID 8192 of 8192", ScalableSecond, [](World& w) { w.memory[kScalableContext + 8] = 8192; }},
      {F::kSct6, "PASIDs not enabled", ScalableSecond,
       [](World& w) { w.memory[kScalableContext] = 0x7001, w.request.pasid = 0x42; }},
      {F::kSct7, "PASID 8192 of 8192", ScalableSecond, [](World& w) { w.request.pasid = 8192; }},
      {F::kSpd1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(0x7000); }},
      {F::kSpd2, "not present", ScalableSecond, [](World& w) { w.memory[kDirectory] = 0x8000; }},
      {F::kSpd3, "bit 2", ScalableSecond, [](World& w) { w.memory[kDirectory] |= 4; }},
      {F::kSpd3, "bit 46", ScalableSecond, [](World& w) { w.memory[kDirectory] |= 1ull << 46; }},
      {F::kSpt1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(0x8000); }},
      {F::kSpt2, "not present", ScalableSecond, [](World& w) { w.memory[kPasid] &= ~1ull; }},
      {F::kSpt3, "bit 10", ScalableSecond, [](World& w) { w.memory[kPasid] |= 1 << 10; }},
      {F::kSpt3, "bit 80", ScalableSecond, [](World& w) { w.memory[kPasid + 8] |= 1 << 16; }},
      {F::kSpt3, "bit 136", ScalableSecond, [](World& w) { w.memory[kPasid + 16] |= 1 << 8; }},
      {F::kSpt3, "the fourth word", ScalableSecond, [](World& w) { w.memory[kPasid + 24] = 1; }},
      {F::kSpt3, "the last word", ScalableSecond, [](World& w) { w.memory[kPasid + 56] = 1; }},
      {F::kSpt3, "second stage beyond the host's width", ScalableSecond, [](World& w) { w.memory[kPasid] |= 1ull << 46; }},
      {F::kSpt3, "first stage beyond the host's width", ScalableFirst,
       [](World& w) { w.memory[kPasid + 16] |= 1ull << 46; }},
      {F::kSpt3, "a domain id that the unit does not have", ScalableFirst, [](World& w) { w.unit.cap &= ~7ull; }},
      {F::kSpt4, "PGTT 0", ScalableSecond, [](World& w) { w.memory[kPasid] &= ~(7ull << 6); }},
      {F::kSpt4, "PGTT 5", ScalableSecond, [](World& w) { w.memory[kPasid] |= 5 << 6; }},
      {F::kSpt4, "second stage without SLTS", ScalableSecond, [](World& w) { w.unit.ecap &= ~(1ull << 46); }},
      {F::kSpt4, "first stage without FLTS", ScalableFirst, [](World& w) { w.unit.ecap &= ~(1ull << 47); }},
      {F::kSpt4, "nested without NEST", Nested, [](World& w) { w.unit.ecap &= ~(1ull << 26); }},
      {F::kSpt4, "pass-through without PT", Scalable,
       [](World& w) { w.memory.Put(kPasid, {4 << 6 | 1, 0x77}), w.unit.ecap &= ~(1ull << 6); }},
      {F::kSpt4, "AW 0", ScalableSecond, [](World& w) { w.memory[kPasid] &= ~(7ull << 2); }},
      {F::kSpt4, "FLPM 2", ScalableFirst, [](World& w) { w.memory[kPasid + 16] |= 2 << 2; }},
      {F::kSpt4, "five levels without FL5LP", ScalableFirst,
       [](World& w) { w.memory[kPasid + 16] |= 1 << 2, w.unit.cap &= ~(1ull << 60); }},
      {F::kSpt6, "RID_PRIV without SRE", ScalableFirst, [](World& w) { w.memory[kScalableContext + 8] |= 1 << 20; }},

      {F::kSfs1, "no memory", ScalableFirst, [](World& w) { w.memory.RemovePage(kLevel2); }},
      {F::kSfs2, "not present", ScalableFirst, [](World& w) { w.memory[kLevel2] = 0x6006; }},
      {F::kSfs3, "page size at level 4", ScalableFirst, [](World& w) { w.memory[kLevel4] |= 0x80; }},
      {F::kSfs3, "1 GB without FL1GP", ScalableFirst,
       [](World& w) { w.memory[kLevel3] = 0x8000'0087, w.unit.cap &= ~(1ull << 56); }},
      {F::kSfs3, "2 MB page not aligned", ScalableFirst, [](World& w) { w.memory[kLevel2] = 0x4000'2087; }},
      {F::kSfs3, "page beyond the host's width", ScalableFirst, [](World& w) { w.memory[kLevel1] |= 1ull << 46; }},
      {F::kSfs4, "no memory for the first table", ScalableFirst, [](World& w) { w.memory.RemovePage(kLevel4); }},
      {F::kSfs5, "first table beyond the second stage", Nested, [](World& w) { w.memory[kPasid + 16] = 1ull << 47; }},
      {F::kSfs5, "second table beyond the second stage", Nested, [](World& w) { w.memory[kLevel4] |= 1ull << 47; }},
      {F::kSfs6, "first table not readable", Nested, [](World& w) { w.memory[kNestedTables + 8 * 3] = 0x3002; }},
      {F::kSfs7, "last table not readable", Nested, [](World& w) { w.memory[kNestedTables + 8 * 6] = 0x6002; }},
      {F::kSss1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(kLevel1); }},
      {F::kSss2, "an entry grants nothing", ScalableSecond, [](World& w) { w.memory[kLevel3] = 0x5000; }},
      {F::kSss2, "two entries together grant nothing", ScalableSecond,
       [](World& w) { w.memory[kLevel3] = 0x5001, w.memory[kLevel2] = 0x6002; }},
      {F::kSss2, "a first-stage table is not mapped", Nested, [](World& w) { w.memory[kNestedTables + 8 * 4] = 0; }},
      {F::kSss3, "page beyond the host's width", ScalableSecond, [](World& w) { w.memory[kLevel1] |= 1ull << 46; }},
      {F::kSss4, "no memory for the first table", ScalableSecond, [](World& w) { w.memory.RemovePage(kLevel4); }},
      {F::kSgn1, "bit 47 without the bits above", ScalableFirst, [](World& w) { w.request.address |= 1ull << 47; }},
      {F::kSgn2, "a supervisor's page", ScalableFirst, [](World& w) { w.memory[kLevel1] = 0xabcd'e003; }},
      {F::kSgn4, "pass-through beyond the host's width", Scalable,
       [](World& w) { w.memory.Put(kPasid, {4 << 6 | 1, 0x77}), w.request.address = 1ull << 46; }},
      {F::kSgn5, "beyond the second stage's width", ScalableSecond, [](World& w) { w.request.address |= 1ull << 48; }},
      {F::kSgn5, "what the first stage gives is beyond the second", Nested, [](World& w) { w.memory[kLevel1] |= 1ull << 39; }},
      {F::kSgn6, "first stage, read-only", ScalableFirst, [write](World& w) { write(w), w.memory[kLevel3] = 0x5005; }},
      {F::kSgn6, "second stage, read-only", ScalableSecond, [write](World& w) { write(w), w.memory[kLevel1] = 0xabcd'e001; }},
      {F::kSgn6, "nested, the second stage is read-only", Nested,
       [write](World& w) { write(w), w.memory[kNestedLeaf] = 0x5'5555'5001; }},
      {F::kSgn7, "second stage, write-only", ScalableSecond, [](World& w) { w.memory[kLevel1] = 0xabcd'e002; }},
      {F::kSgn8, "first stage", ScalableFirst, [](World& w) { w.memory[kLevel1] = 0xfee0'0007; }},
      {F::kSgn8, "nested", Nested, [](World& w) { w.memory[kNestedLeaf] = 0xfee0'0003; }},
  };
}

TEST(VtdFaults, EachChangeIsItsFaultAndNoOther) {
  for (const Case& test : Cases()) {
    World world = test.start();
    test.change(world);
    const VtdOutcome outcome = world.Translate();
    std::ostringstream seen;
    std::visit([&](const auto& value) { seen << value; }, outcome);
    EXPECT_EQ(outcome, VtdOutcome(test.fault)) << test.claim << "\n  want " << test.fault << "\n  have " << seen.str();
  }
}

TEST(VtdFaults, EveryFaultHasACase) {
  std::set<F> provoked;
  for (const Case& test : Cases()) provoked.insert(test.fault);
  for (int fault = 0; fault <= static_cast<int>(F::kSgn8); ++fault) {
    EXPECT_TRUE(provoked.contains(static_cast<F>(fault))) << static_cast<F>(fault);
  }
}

TEST(VtdFaults, ReasonCodesAreDistinct) {
  std::set<int> reasons;
  std::set<std::string_view> names;
  for (int fault = 0; fault <= static_cast<int>(F::kSgn8); ++fault) {
    const VtdFaultInfo& info = InfoOf(static_cast<F>(fault));
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(info.reason == 0 || reasons.insert(info.reason).second) << info.name;
  }
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
  world.memory[kContext] |= 2;            // FPD silences faults, and there is none
  world.memory[kContext + 8] |= 0x78;     // [70:67]
  for (const std::uint64_t place : {kLevel4, kLevel3, kLevel2, kLevel1}) world.memory[place] |= 0xbff0'0000'0000'077c;
  world.memory[kLevel1] |= 0x80;
  EXPECT_EQ(world.Translate(), VtdOutcome(Page(0xabcd'eabc)));
}

TEST(Vtd, TheDeepestNestedWalkReadsTheBoundAndNoMore) {
  World world = Scalable();
  // Five levels in both stages, all tables at one page: its word 0 is a table and, at the last level, the page itself.
  world.memory.Put(kPasid, {0x9000 | 3 << 6 | 3 << 2 | 1, 0x77, 0xa000 | 1 << 2, 0, 0, 0, 0, 0});
  world.memory[0x9000] = 0x9003;             // the second stage maps guest 0x0 to 0x9000 ...
  world.memory[0x9000 + 8 * 10] = 0xa003;    // ... and, in its last table, guest 0xa000 to 0xa000
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
    VtdRequest request = {0x1219, {}, random() >> (16 + random() % 48), static_cast<Access>(random() % 2)};
    switch (random() % 4) {
      case 0:  // garbage all over
        unit = {random(), random(), 0x8000'0000, random() & 0x3ff'ffff'fc00, static_cast<int>(32 + random() % 21)};
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
          const std::uint64_t second = 0x9000 | (1 + random() % 4) << 6 | (1 + random() % 3) << 2 | 1;
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

// A builder of page tables that knows no bit field: indices by division, one class for both stages.
class Builder {
 public:
  // `leaf` and `table` are the low bits of an entry; new tables come from `next_page`, each with a hole after it.
  Builder(SparseMemory& memory, int levels, std::uint64_t table, std::uint64_t leaf, std::uint64_t& next_page)
      : memory_(memory), levels_(levels), table_(table), leaf_(leaf), next_page_(next_page), root_(NewTable()) {}

  std::uint64_t root() const { return root_; }

  // False where something larger or smaller is in the way.
  bool Map(std::uint64_t address, std::uint64_t target, std::uint64_t page_size, std::uint64_t rights) {
    std::uint64_t span = 4096, node = root_;
    for (int level = 1; level < levels_; ++level) span *= 512;
    for (; span > page_size; span /= 512) {
      std::uint64_t& entry = memory_[node + address / span % 512 * 8];
      if (entry & 0x80) return false;
      if (entry == 0) {
        const std::uint64_t fresh = NewTable();
        memory_[node + address / span % 512 * 8] = fresh + table_;
        node = fresh;
      } else {
        node = entry - table_;
      }
    }
    std::uint64_t& entry = memory_[node + address / span % 512 * 8];
    if (entry != 0) return false;
    entry = target + (leaf_ & ~3ull) + rights + (page_size > 4096 ? 0x80 : 0);
    return true;
  }

 private:
  std::uint64_t NewTable() {
    const std::uint64_t page = next_page_;
    next_page_ += 8192;
    memory_[page];
    return page;
  }

  SparseMemory& memory_;
  int levels_;
  std::uint64_t table_, leaf_;
  std::uint64_t& next_page_;
  std::uint64_t root_;
};

struct Mapping {
  std::uint64_t address, target, size, rights;
};

// Some page of `levels` levels' reach, and a target for it.
Mapping RandomMapping(std::mt19937_64& random, int levels) {
  constexpr std::uint64_t kSizes[] = {4096, 4096, 4096, 0x20'0000, 0x4000'0000};
  Mapping m;
  m.size = kSizes[random() % 5];
  // Half of them close together, so that they share tables.
  const std::uint64_t reach = random() % 2 ? 0x1000'0000 : 1ull << (11 + 9 * levels);
  m.address = random() % reach / m.size * m.size;
  m.target = (0x10'0000'0000 + random() % 0x10'0000'0000) / m.size * m.size;
  m.rights = 1 + random() % 3;
  return m;
}

TEST(VtdRoundTrip, SecondStageGivesBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = seed % 2 ? Legacy() : Scalable();
    const int levels = 3 + static_cast<int>(random() % 3);
    std::uint64_t next_page = 0x10'0000;
    Builder builder(world.memory, levels, 3, 0, next_page);
    const std::uint64_t width = static_cast<std::uint64_t>(levels) - 2;
    if (seed % 2) {
      world.memory.Put(kContext, {builder.root() + 1, 0x7700 + width});
    } else {
      world.memory.Put(kPasid, {builder.root() + (2 << 6) + (width << 2) + 1, 0x77, 0, 0, 0, 0, 0, 0});
    }
    std::vector<Mapping> mapped;
    for (int i = 0; i < 20; ++i) {
      const Mapping m = RandomMapping(random, levels);
      if (m.address / 0x10'0000 == 0xfee) continue;
      if (builder.Map(m.address, m.target, m.size, m.rights)) mapped.push_back(m);
    }
    ASSERT_FALSE(mapped.empty());
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % m.size;
      if ((m.address + offset) / 0x10'0000 == 0xfee) continue;
      const bool readable = m.rights % 2 == 1, writable = m.rights >= 2;
      world.request.address = m.address + offset;
      world.request.access = readable ? Access::kRead : Access::kWrite;
      EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{m.target + offset, readable, writable, m.size, 0x77}));
      if (readable && writable) continue;
      world.request.access = readable ? Access::kWrite : Access::kRead;
      EXPECT_EQ(world.Translate(), VtdOutcome(seed % 2 ? (readable ? F::kLgn2 : F::kLgn3) : (readable ? F::kSgn6 : F::kSgn7)));
    }
    // An address in none of them is blocked.
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t address = RandomMapping(random, levels).address;
      bool free = address / 0x10'0000 != 0xfee;
      for (const Mapping& m : mapped) free = free && (address < m.address || address >= m.address + m.size);
      if (!free) continue;
      world.request.address = address;
      world.request.access = Access::kRead;
      EXPECT_EQ(world.Translate(), VtdOutcome(seed % 2 ? F::kLgn3 : F::kSss2));
    }
  }
}

TEST(VtdRoundTrip, FirstStageAndNestedGiveBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = Scalable();
    const bool nested = random() % 2;
    std::uint64_t next_page = 0x10'0000, next_guest_page = 0x2000'0000;
    Builder host(world.memory, 4, 3, 0, next_page);
    // The first stage's tables are where guest and host address are the same.
    Builder guest(world.memory, 4, 7, 7, next_guest_page);
    std::vector<Mapping> mapped;
    for (int i = 0; i < 10; ++i) {
      Mapping m = RandomMapping(random, 4);
      m.size = 4096;
      if (m.address / 0x10'0000 == 0xfee) continue;
      const std::uint64_t rights = m.rights == 3 ? 3 : 1;  // present, and perhaps R/W
      if (!guest.Map(m.address, m.target, m.size, rights)) continue;
      m.rights = rights;
      if (nested) {
        const std::uint64_t lands = (0x20'0000'0000 + random() % 0x10'0000'0000) / 4096 * 4096;
        if (!host.Map(m.target, lands, 4096, 3)) continue;
        m.target = lands;
      }
      mapped.push_back(m);
    }
    if (nested) {
      for (std::uint64_t page = 0x2000'0000; page < next_guest_page; page += 4096) ASSERT_TRUE(host.Map(page, page, 4096, 3));
    }
    ASSERT_FALSE(mapped.empty());
    const std::uint64_t type = nested ? 3 << 6 | 2 << 2 : 1 << 6;
    world.memory.Put(kPasid, {(nested ? host.root() : 0) + type + 1, 0x77, guest.root(), 0, 0, 0, 0, 0});
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % 4096;
      world.request.address = m.address + offset;
      EXPECT_EQ(world.Translate(), VtdOutcome(VtdTranslation{m.target + offset, true, m.rights == 3, 4096, 0x77}));
    }
  }
}

}  // namespace
}  // namespace holdfast::hardware
