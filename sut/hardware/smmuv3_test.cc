// SMMUv3's walker against structures written word by word. The numbers are worked out from IHI 0070 in the comments.

#include "sut/hardware/smmuv3.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sut/hardware/bits.h"
#include "sut/hardware/test_memory.h"

namespace holdfast::hardware {
namespace {

using E = SmmuV3Event;
constexpr SmmuV3Class kCd = SmmuV3Class::kContextDescriptor, kTt = SmmuV3Class::kTable, kIn = SmmuV3Class::kInput;

struct World {
  SparseMemory memory;
  SmmuV3Unit unit;
  SmmuV3Transaction transaction;

  SmmuV3Outcome Translate() const { return hardware::Translate(memory, unit, transaction); }
};

// On; a linear stream table of 2^8 STEs at 0x10'0000: aligned to 2^(8 + 6) bytes. StreamID 0x19: its STE is at 0x10'0000 +
// 0x19 * 64 = 0x10'0640.
constexpr SmmuV3Unit kUnit = {.cr0 = 1, .gbpa = 0, .strtab_base = 0x10'0000, .strtab_base_cfg = 8};
constexpr std::uint64_t kSte = 0x10'0640;

// 0x1234'5678'9abc: levels 0 to 3 are indexed by bits [47:39] 0x24, [38:30] 0xd1, [29:21] 0xb3 and [20:12] 0x189; times 8
// these are the offsets 0x120, 0x688, 0x598 and 0xc48.
constexpr std::uint64_t kAddress = 0x1234'5678'9abc;
constexpr std::uint64_t kLevel0 = 0x3120, kLevel1 = 0x4688, kLevel2 = 0x5598, kLevel3 = 0x6c48;

// STE word 0: V, Config in [3:1], S1ContextPtr 0x20'0000. Word 2: S2VMID 7.
constexpr std::uint64_t kStage1Only = 5 << 1 | 1, kStage2Only = 6 << 1 | 1, kBoth = 7 << 1 | 1;
constexpr std::uint64_t kContext = 0x20'0000;

// CD word 0: T0SZ 16 (48 bits), TG0 0 (4 KB), EPD1 30, V 31, IPS 5 (48 bits) in [34:32], AA64 41, ASID 0x5a in [63:48].
constexpr std::uint64_t kCd0 = 16 | 1ull << 30 | 1ull << 31 | 5ull << 32 | 1ull << 41 | 0x5aull << 48;

// A stage 1 page: 0b11, AP[1] (6) for the unprivileged, AF (10).
constexpr std::uint64_t kPage1 = 0x443;

void PutStage1(SparseMemory& memory) {
  memory[kLevel0] = 0x4003;
  memory[kLevel1] = 0x5003;
  memory[kLevel2] = 0x6003;
  memory[kLevel3] = 0xabcd'e000 | kPage1;
}

World Stage1() {
  World world{{}, kUnit, {.stream_id = 0x19, .substream_id = {}, .address = kAddress}};
  world.memory.Put(kSte, {kContext | kStage1Only, 0, 7, 0, 0, 0, 0, 0});
  world.memory.Put(kContext, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  PutStage1(world.memory);
  return world;
}

// STE word 2: S2T0SZ 24 (40 bits), S2SL0 1 (level 1), S2TG 0, S2PS 5 (48 bits) in [50:48], S2AA64 51. Level 1 of 40 bits is
// indexed by bits [39:30]: ten bits, so two tables side by side at 0x8000 and 0x9000.
constexpr std::uint64_t kSte2 = 7 | 24ull << 32 | 1ull << 38 | 5ull << 48 | 1ull << 51;
// A stage 2 page: 0b11, S2AP (7:6) read and write, AF (10).
constexpr std::uint64_t kPage2 = 0x4c3;

// 0xd0'5678'9abc: bits [39:30] are 0x341 (offset 0x1a08, in the second of the two), [29:21] 0xb3, [20:12] 0x189.
constexpr std::uint64_t kIpa = 0xd0'5678'9abc;
constexpr std::uint64_t kStage2Level1 = 0x9a08, kStage2Level2 = 0xa598, kStage2Level3 = 0xbc48;

World Stage2() {
  World world{{}, kUnit, {.stream_id = 0x19, .substream_id = {}, .address = kIpa}};
  world.memory.Put(kSte, {kStage2Only, 0, kSte2, 0x8000, 0, 0, 0, 0});
  world.memory[0x8000];
  world.memory[kStage2Level1] = 0xa003;
  world.memory[kStage2Level2] = 0xb003;
  world.memory[kStage2Level3] = 0x5'5555'5000 | kPage2;
  return world;
}

// Both: stage 1 as above, at intermediate addresses. Stage 2 maps intermediate 0x20'0000 (the CD) and 0x3000 to 0x6000 (the
// tables) to themselves: [39:30] is 0; [29:21] is 1 and 0; and the stage 1 page 0xabcd'e000, whose [39:30] is 2, [29:21] 0x15e
// and [20:12] 0xde, to 0x7'7777'7000.
constexpr std::uint64_t kTablesPages = 0xd000, kContextPages = 0xe000, kOutputPage = 0xf6f0;

World Nested() {
  World world = Stage1();
  world.memory.Put(kSte, {kContext | kBoth, 0, kSte2, 0x8000, 0, 0, 0, 0});
  world.memory[0x8000] = 0xc003;
  world.memory[0xc000] = kTablesPages | 3;
  world.memory[0xc008] = kContextPages | 3;
  for (std::uint64_t page = 3; page <= 6; ++page) world.memory[kTablesPages + 8 * page] = page << 12 | kPage2;
  world.memory[kContextPages] = 0x20'0000 | kPage2;
  world.memory[0x8010] = 0x1'0003;
  world.memory[0x1'0000 + 8 * 0x15e] = 0xf003;
  world.memory[kOutputPage] = 0x7'7777'7000 | kPage2;
  return world;
}

// A two-level stream table: FMT 1, SPLIT 6, LOG2SIZE 10. StreamID 0x19's L1STD is entry 0; Span 7 is all 64 STEs.
World TwoLevelStreams() {
  World world = Stage1();
  world.unit.strtab_base_cfg = 1 << 16 | 6 << 6 | 10;
  world.memory[0x10'0000] = 0x11'0000 | 7;
  world.memory.Put(0x11'0640, {kContext | kStage1Only, 0, 7, 0, 0, 0, 0, 0});
  return world;
}

// Substreams: S1CDMax in [63:59], S1Fmt in [5:4]; word 1: S1DSS in [1:0].
World Substreams(std::uint64_t cd_max, std::uint64_t format, std::uint64_t default_substream) {
  World world = Stage1();
  world.memory[kSte] = cd_max << 59 | kContext | format << 4 | kStage1Only;
  world.memory[kSte + 8] = default_substream;
  return world;
}

World TwoLevelCds() {
  // 2^8 CDs in second-level tables of 64: SubstreamID 0x47 has L1CD 1, at 0x20'0008, and CD 7 of that: + 7 * 64 = 0x1c0.
  World world = Substreams(8, 1, 0);
  world.memory[kContext + 8] = 0x21'0001;
  world.memory.Put(0x21'01c0, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  world.transaction.substream_id = 0x47;
  return world;
}

SmmuV3Translation ByStage1(std::uint64_t address) { return {address, true, true, 4096, 0x5a, 7}; }
SmmuV3Translation ByStage2(std::uint64_t address) { return {address, true, true, 4096, std::nullopt, 7}; }

TEST(SmmuV3, Stage1TranslatesAndReportsAsidAndVmid) {
  const World world = Stage1();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  EXPECT_EQ(world.memory.reads(), 8 + 8 + 4);
}

TEST(SmmuV3, AUnitThatIsOffBypassesOrAborts) {
  World world = Stage1();
  world.unit.cr0 = 0;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{kAddress, true, true, 0, {}, {}}));
  world.unit.gbpa = 1 << 20;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kAborted}));
  EXPECT_EQ(world.memory.reads(), 0);
}

TEST(SmmuV3, BypassWalksNothing) {
  World world = Stage1();
  world.memory[kSte] = 4 << 1 | 1;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{kAddress, true, true, 0, {}, {}}));
}

TEST(SmmuV3, Stage2TranslatesThroughConcatenatedTables) {
  const World world = Stage2();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage2(0x5'5555'5abc)));
  EXPECT_EQ(world.memory.reads(), 8 + 3);
}

TEST(SmmuV3, Stage2StartsWhereSl0Says) {
  World world = Stage2();
  // 34 bits from level 2: [33:21] is 13 bits, sixteen tables. 0x2'5678'9abc has 0x12b3 there: 0x1'0000 + 0x9598.
  world.memory.Put(kSte, {kStage2Only, 0, 7 | 30ull << 32 | 5ull << 48 | 1ull << 51, 0x1'0000, 0, 0, 0, 0});
  world.memory[0x1'9598] = 0xb003;
  world.transaction.address = 0x2'5678'9abc;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage2(0x5'5555'5abc)));
  // 48 bits from level 0.
  world.memory.Put(kSte, {kStage2Only, 0, 7 | 16ull << 32 | 2ull << 38 | 5ull << 48 | 1ull << 51, 0x3000, 0, 0, 0, 0});
  world.memory[kLevel0] = 0x4003;
  world.memory[kLevel1] = 0xa003;
  world.transaction.address = kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage2(0x5'5555'5abc)));
}

TEST(SmmuV3, NestedTranslatesTheCdEveryDescriptorAndTheResult) {
  World world = Nested();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0x7'7777'7abc)));
  EXPECT_EQ(world.memory.reads(), 8 + (3 + 8) + 4 * (3 + 1) + 3);
  world.memory[kContextPages] = 0x22'0000 | kPage2;  // the CD and a table are elsewhere
  world.memory.Put(0x22'0000, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  world.memory[kTablesPages + 8 * 5] = 0x23'0000 | kPage2;
  world.memory[0x23'0598] = 0x6003;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0x7'7777'7abc)));
}

TEST(SmmuV3, NestedRightsAreThoseOfBothStagesAndThePageIsTheSmaller) {
  World world = Nested();
  world.memory[kOutputPage] = 0x7'7777'7000 | (kPage2 & ~0x80ull);
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, true, false, 4096, 0x5a, 7}));
  world.memory[kOutputPage] = 0x7'7777'7000 | (kPage2 & ~0x40ull);
  world.transaction.access = Access::kWrite;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, false, true, 4096, 0x5a, 7}));
  for (std::uint64_t page = 3; page <= 6; ++page) world.memory[kTablesPages + 8 * page] &= ~0x80ull;  // fetching is reading
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, false, true, 4096, 0x5a, 7}));
  world.memory[kOutputPage] = 0x7'7777'7000 | kPage2;
  world.memory[kLevel3] |= 0x80;
  world.transaction.access = Access::kRead;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, true, false, 4096, 0x5a, 7}));
  world.memory[kLevel2] = 0xabc0'0000 | (kPage1 & ~2ull);  // a block of 2 MB over a page of 4 KB: 0xabc0'0000 + 0x18'9abc
  world.memory[0xf000 + 8 * 0x189] = 0x6'6666'6000 | kPage2;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x6'6666'6abc, true, true, 4096, 0x5a, 7}));
}

TEST(SmmuV3, BlocksKeepTheLowAddressBits) {
  World world = Stage1();
  world.memory[kLevel2] = 0x4000'0000 | (kPage1 & ~2ull);  // 2 MB: the low 21 bits are 0x18'9abc
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x4018'9abc, true, true, 0x20'0000, 0x5a, 7}));
  world.memory[kLevel1] = 0x8000'0000 | (kPage1 & ~2ull);  // 1 GB: the low 30 bits are 0x1678'9abc
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0x9678'9abc, true, true, 0x4000'0000, 0x5a, 7}));
  World second = Stage2();
  second.memory[kStage2Level2] = 0x4000'0000 | (kPage2 & ~2ull);
  EXPECT_EQ(second.Translate(), SmmuV3Outcome(SmmuV3Translation{0x4018'9abc, true, true, 0x20'0000, {}, 7}));
}

TEST(SmmuV3, Stage1StartsWhereTheSizeSays) {
  World world = Stage1();
  // T0SZ 25: 39 bits, from level 1; T0SZ 34: 30 bits, from level 2; T0SZ 39: 25 bits, [24:21] of level 2: 16 entries, so the
  // table is aligned to 128 bytes.
  world.memory.Put(kContext, {kCd0 + 9, 0x4000});
  world.transaction.address = kAddress & 0x7f'ffff'ffff;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory.Put(kContext, {kCd0 + 18, 0x5000});
  world.transaction.address = kAddress & 0x3fff'ffff;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory.Put(kContext, {kCd0 + 23, 0x5580 + 0x70});  // bits below the alignment do not count
  world.transaction.address = kAddress & 0x1ff'ffff;       // [24:21] is 3: 0x5580 + 0x18
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, TheUpperHalfIsTtb1s) {
  World world = Stage1();
  // Word 0: EPD1 clear, T1SZ 16 in [21:16], TG1 2 (4 KB) in [23:22]; word 2: TTB1. EPD0 14 disables the other half.
  world.memory.Put(kContext, {(kCd0 & ~(1ull << 30)) | 16 << 16 | 2 << 22 | 1 << 14, 0, 0x3000});
  world.transaction.address = 0xffff'0000'0000'0000 | kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kContext] |= 1ull << 39;  // TBI1
  world.transaction.address = 0x5aff'0000'0000'0000 | kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kLevel1] |= 1ull << 62;  // APTable[1], which HAD1 (bit 1 of word 2) sets aside
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0xabcd'eabc, true, false, 4096, 0x5a, 7}));
  world.memory[kContext + 16] |= 2;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.transaction.address = kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kTranslation, 1, kIn}));
}

TEST(SmmuV3, TheTopByteIsIgnoredWhereTbiSaysSo) {
  World world = Stage1();
  world.transaction.address = 0xa5ull << 56 | kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kTranslation, 1, kIn}));
  world.memory[kContext] = kCd0 | 1ull << 39;  // TBI1 is the other half's
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kTranslation, 1, kIn}));
  world.memory[kContext] = kCd0 | 1ull << 38;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, ReadOnlyPagesAndTablesGiveReading) {
  World world = Stage1();
  const SmmuV3Outcome read_only = SmmuV3Translation{0xabcd'eabc, true, false, 4096, 0x5a, 7};
  world.memory[kLevel3] |= 0x80;  // AP[2]
  EXPECT_EQ(world.Translate(), read_only);
  world = Stage1();
  world.memory[kLevel1] |= 1ull << 62;  // APTable[1]
  EXPECT_EQ(world.Translate(), read_only);
  world.memory[kContext + 8] |= 2;  // HAD0: APTable does not count
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, PrivilegedStreamsReachPrivilegedPages) {
  World world = Stage1();
  world.memory[kLevel3] &= ~0x40ull;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kPermission, 1, kIn}));
  world.memory[kSte + 8] = 3ull << 48;  // PRIVCFG
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kLevel3] |= 0x40;  // and those of the unprivileged
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kLevel3] &= ~0x40ull;
  world.memory[kContext] = kCd0 | 1ull << 40;  // PAN is about the latter
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kLevel3] |= 0x40;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kPermission, 1, kIn}));
  world.memory[kLevel2] |= 1ull << 61;  // APTable[0]: below here there are none
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, TheAccessFlagCanBeDisregarded) {
  World world = Stage1();
  world.memory[kLevel3] &= ~0x400ull;
  world.memory[kContext] = kCd0 | 1ull << 35;  // AFFD
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  World second = Stage2();
  second.memory[kStage2Level3] &= ~0x400ull;
  second.memory[kSte + 16] |= 1ull << 53;  // S2AFFD
  EXPECT_EQ(second.Translate(), SmmuV3Outcome(ByStage2(0x5'5555'5abc)));
}

TEST(SmmuV3, TwoLevelStreamTables) {
  World world = TwoLevelStreams();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  EXPECT_EQ(world.memory.reads(), 1 + 8 + 8 + 4);
  world.memory[0x10'0000] = 0x11'0000 | 6;  // 2^5 STEs are enough for 0x19
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  // SPLIT 8: StreamID 0x319 has L1STD 3, and STE 0x19 of 256 there.
  world.unit.strtab_base_cfg = 1 << 16 | 8 << 6 | 10;
  world.transaction.stream_id = 0x319;
  world.memory[0x10'0018] = 0x11'0000 | 9;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.unit.strtab_base_cfg = 1 << 16 | 7 << 6 | 10;  // reserved, and means 6: L1STD 12
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kBadStreamId}));
  world.memory[0x10'0060] = 0x11'0000 | 7;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, TablesAreAlignedToTheirSize) {
  World world = Stage1();
  world.unit.strtab_base = 0x10'3fc0;  // 2^8 STEs are 2^14 bytes: bits [13:6] do not count
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world = TwoLevelStreams();
  world.unit.strtab_base = 0x10'0040;  // 2^4 L1STDs are 128 bytes
  world.memory[0x10'0000] = 0x11'0fc0 | 7;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world = Substreams(4, 0, 2);
  world.memory[kSte] |= 0x3c0;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world = TwoLevelCds();
  world.memory[kSte] = 12ull << 59 | kContext | 0x1c0 | 1 << 4 | kStage1Only;  // 2^6 L1CDs are 512 bytes
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kSte] = 12ull << 59 | kContext | 2 << 4 | kStage1Only;
  world.memory[kContext] = 0x21'f001;  // a second level of 64 KB
  world.memory.Put(0x21'0000 + 64 * 0x47, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, SubstreamsSelectTheirCd) {
  World world = Substreams(4, 0, 0);  // sixteen CDs side by side
  world.memory.Put(kContext + 64 * 11, {kCd0 + (1ull << 48), 0x3000, 0, 0, 0, 0, 0, 0});
  world.transaction.substream_id = 11;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{0xabcd'eabc, true, true, 4096, 0x5b, 7}));

  world = TwoLevelCds();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  EXPECT_EQ(world.memory.reads(), 8 + 1 + 8 + 4);

  // Second-level tables of 1024: SubstreamID 0xc07 has L1CD 3 of 2^12 CDs, and CD 7.
  world = Substreams(12, 2, 0);
  world.memory[kContext + 24] = 0x21'0001;
  world.memory.Put(0x21'01c0, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  world.transaction.substream_id = 0xc07;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, S1dssSaysWhatBecomesOfTransactionsWithoutASubstream) {
  EXPECT_EQ(Substreams(4, 0, 0).Translate(), SmmuV3Outcome(SmmuV3Fault{E::kStreamDisabled}));
  EXPECT_EQ(Substreams(4, 0, 3).Translate(), SmmuV3Outcome(SmmuV3Fault{E::kStreamDisabled}));
  EXPECT_EQ(Substreams(4, 0, 1).Translate(), SmmuV3Outcome(SmmuV3Translation{kAddress, true, true, 0, {}, {}}));
  EXPECT_EQ(Substreams(4, 0, 2).Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  World world = Substreams(4, 0, 2);
  world.transaction.substream_id = 0;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kStreamDisabled}));
  world = Substreams(4, 0, 1);
  world.transaction.substream_id = 0;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.unit.substream_id_bits = 0;  // S1CDMax does not count, and there is one CD
  world.transaction.substream_id.reset();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, BypassOfStage1LeavesStage2) {
  World world = Nested();
  world.memory.Put(kSte, {4ull << 59 | kContext | kBoth, 1});  // S1DSS 1
  world.transaction.address = 0xabcd'eabc;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage2(0x7'7777'7abc)));
}

// Each event, provoked by one change to a world that translates.
struct Case {
  SmmuV3Fault fault;
  std::string claim;
  std::function<World()> start;
  std::function<void(World&)> change;
};

void Write(World& world) { world.transaction.access = Access::kWrite; }

std::vector<Case> Cases() {
  const auto plain = [](E event) { return SmmuV3Fault{event}; };
  const auto substreams = [] { return Substreams(4, 0, 2); };
  return {
      {plain(E::kAborted), "GBPA.ABORT while off", Stage1, [](World& w) { w.unit.cr0 = 0, w.unit.gbpa = 1 << 20; }},
      {plain(E::kAborted), "beyond the output size while off", Stage1,
       [](World& w) { w.unit.cr0 = 0, w.transaction.address = 1ull << 48; }},
      {plain(E::kAborted), "Config 0", Stage1, [](World& w) { w.memory[kSte] = kContext | 1; }},
      {plain(E::kAborted), "Config 3 is reserved", Stage1, [](World& w) { w.memory[kSte] = kContext | 3 << 1 | 1; }},

      {plain(E::kBadStreamId), "256 of 256", Stage1, [](World& w) { w.transaction.stream_id = 256; }},
      {plain(E::kBadStreamId), "beyond SIDSIZE", Stage1, [](World& w) { w.unit.stream_id_bits = 4; }},
      {plain(E::kBadStreamId), "L1STD.Span 0", TwoLevelStreams, [](World& w) { w.memory[0x10'0000] = 0x11'0000; }},
      {plain(E::kBadStreamId), "L1STD.Span 12", TwoLevelStreams, [](World& w) { w.memory[0x10'0000] = 0x11'0000 | 12; }},
      {plain(E::kBadStreamId), "L1STD.Span beyond SPLIT", TwoLevelStreams, [](World& w) { w.memory[0x10'0000] = 0x11'0000 | 8; }},
      {plain(E::kBadStreamId), "0x19 of 16", TwoLevelStreams, [](World& w) { w.memory[0x10'0000] = 0x11'0000 | 5; }},
      {plain(E::kSteFetch), "no memory", Stage1, [](World& w) { w.memory.RemovePage(kSte); }},
      {plain(E::kSteFetch), "no memory for the L1STD", TwoLevelStreams, [](World& w) { w.unit.strtab_base = 0x30'0000; }},
      {plain(E::kSteFetch), "no memory for the second level", TwoLevelStreams, [](World& w) { w.memory.RemovePage(0x11'0000); }},
      {plain(E::kSteFetch), "beyond the output size", Stage1,
       [](World& w) {
         w.unit.output_bits = 44, w.unit.strtab_base |= 1ull << 44;
         w.memory.Put(1ull << 44 | kSte, {kContext | kStage1Only, 0, 7, 0, 0, 0, 0, 0});
       }},
      {plain(E::kBadSte), "V", Stage1, [](World& w) { w.memory[kSte] &= ~1ull; }},
      {plain(E::kBadSte), "S1STALLD", Stage1, [](World& w) { w.memory[kSte + 8] = 1 << 27; }},
      {plain(E::kBadSte), "S1CDMax beyond SSIDSIZE", Stage1, [](World& w) { w.memory[kSte] |= 21ull << 59; }},
      {plain(E::kBadSte), "S1ContextPtr beyond the output size", Stage1, [](World& w) { w.memory[kSte] |= 1ull << 48; }},
      {plain(E::kBadSte), "S1ContextPtr beyond the intermediate size", Nested, [](World& w) { w.memory[kSte] |= 1ull << 55; }},
      {plain(E::kBadSte), "S2AA64", Stage2, [](World& w) { w.memory[kSte + 16] &= ~(1ull << 51); }},
      {plain(E::kBadSte), "S2ENDI", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 52; }},
      {plain(E::kBadSte), "S2HD", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 55; }},
      {plain(E::kBadSte), "S2HA", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 56; }},
      {plain(E::kBadSte), "S2S", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 57; }},
      {plain(E::kBadSte), "S2TG 64 KB", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 46; }},
      {plain(E::kBadSte), "S2TG 16 KB", Stage2, [](World& w) { w.memory[kSte + 16] |= 2ull << 46; }},
      {plain(E::kBadSte), "S2T0SZ 15", Stage2, [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 15) << 32 | 3ull << 38; }},
      {plain(E::kBadSte), "S2T0SZ 40", Stage2, [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 40) << 32 | 1ull << 38; }},
      {plain(E::kBadSte), "S2T0SZ 24 on a unit of 36 bits", Stage2, [](World& w) { w.unit.output_bits = 36; }},
      {plain(E::kBadSte), "S2SL0 3", Stage2, [](World& w) { w.memory[kSte + 16] |= 3ull << 38; }},
      {plain(E::kBadSte), "44 bits from level 1 are 32 tables", Stage2, [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 20) << 32; }},
      {plain(E::kBadSte), "39 bits leave nothing to level 0", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 25) << 32 | 3ull << 38; }},
      {plain(E::kBadSte), "level 0 on a unit of 42 bits", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= 3ull << 38, w.unit.output_bits = 42; }},
      {plain(E::kBadSte), "S2TTB beyond S2PS", Stage2,
       [](World& w) { w.memory[kSte + 16] &= ~(7ull << 48), w.memory[kSte + 24] |= 1ull << 32; }},
      {plain(E::kStreamDisabled), "no substream, S1DSS 0", substreams, [](World& w) { w.memory[kSte + 8] = 0; }},
      {plain(E::kStreamDisabled), "substream 0, S1DSS 2", substreams, [](World& w) { w.transaction.substream_id = 0; }},
      {plain(E::kBadSubstreamId), "no substreams", Stage1, [](World& w) { w.transaction.substream_id = 0; }},
      {plain(E::kBadSubstreamId), "no stage 1", Stage2, [](World& w) { w.transaction.substream_id = 0; }},
      {plain(E::kBadSubstreamId), "SSIDSIZE 0", substreams,
       [](World& w) { w.transaction.substream_id = 1, w.unit.substream_id_bits = 0; }},
      {plain(E::kBadSubstreamId), "16 of 16", substreams, [](World& w) { w.transaction.substream_id = 16; }},
      {plain(E::kBadSubstreamId), "L1CD.V", TwoLevelCds, [](World& w) { w.memory[kContext + 8] = 0x21'0000; }},
      {plain(E::kBadSubstreamId), "L1CD.L2Ptr beyond the output size", TwoLevelCds,
       [](World& w) { w.memory[kContext + 8] |= 1ull << 50; }},
      {plain(E::kCdFetch), "no memory", Stage1, [](World& w) { w.memory.RemovePage(kContext); }},
      {plain(E::kCdFetch), "no memory for the L1CD", TwoLevelCds, [](World& w) { w.memory.RemovePage(kContext); }},
      {plain(E::kCdFetch), "no memory for the second level", TwoLevelCds, [](World& w) { w.memory.RemovePage(0x21'0000); }},
      {plain(E::kBadCd), "V", Stage1, [](World& w) { w.memory[kContext] &= ~(1ull << 31); }},
      {plain(E::kBadCd), "AA64", Stage1, [](World& w) { w.memory[kContext] &= ~(1ull << 41); }},
      {plain(E::kBadCd), "HD", Stage1, [](World& w) { w.memory[kContext] |= 1ull << 42; }},
      {plain(E::kBadCd), "HA", Stage1, [](World& w) { w.memory[kContext] |= 1ull << 43; }},
      {plain(E::kBadCd), "S", Stage1, [](World& w) { w.memory[kContext] |= 1ull << 44; }},
      {plain(E::kBadCd), "ENDI", Stage1, [](World& w) { w.memory[kContext] |= 1ull << 15; }},
      {plain(E::kBadCd), "TG0 64 KB", Stage1, [](World& w) { w.memory[kContext] |= 1 << 6; }},
      {plain(E::kBadCd), "TG0 16 KB", Stage1, [](World& w) { w.memory[kContext] |= 2 << 6; }},
      {plain(E::kBadCd), "T0SZ 15", Stage1, [](World& w) { w.memory[kContext] -= 1; }},
      {plain(E::kBadCd), "T0SZ 40", Stage1, [](World& w) { w.memory[kContext] += 24; }},
      {plain(E::kBadCd), "TTB0 beyond IPS", Stage1,
       [](World& w) { w.memory[kContext] &= ~(7ull << 32), w.memory[kContext + 8] |= 1ull << 32; }},
      {plain(E::kBadCd), "TG1 0 with EPD1 clear", Stage1,
       [](World& w) { w.memory[kContext] = (kCd0 & ~(1ull << 30)) | 16 << 16; }},
      {plain(E::kBadCd), "T1SZ 0 with EPD1 clear", Stage1,
       [](World& w) { w.memory[kContext] = (kCd0 & ~(1ull << 30)) | 2 << 22; }},

      {{E::kWalkExternalAbort, 1, kTt}, "no memory for the first table", Stage1, [](World& w) { w.memory.RemovePage(kLevel0); }},
      {{E::kWalkExternalAbort, 1, kTt}, "no memory for the last table", Stage1, [](World& w) { w.memory.RemovePage(kLevel3); }},
      {{E::kWalkExternalAbort, 2, kIn}, "no memory", Stage2, [](World& w) { w.memory.RemovePage(kStage2Level3); }},
      {{E::kWalkExternalAbort, 2, kCd}, "on the way to the CD", Nested, [](World& w) { w.memory.RemovePage(kContextPages); }},
      {{E::kWalkExternalAbort, 2, kTt}, "on the way to a descriptor", Nested, [](World& w) { w.memory.RemovePage(kTablesPages); }},
      {{E::kWalkExternalAbort, 1, kTt}, "a descriptor that is mapped to nowhere", Nested,
       [](World& w) { w.memory[kTablesPages + 8 * 4] = 0x40'0000 | kPage2; }},

      {{E::kTranslation, 1, kIn}, "an invalid descriptor", Stage1, [](World& w) { w.memory[kLevel1] = 0; }},
      {{E::kTranslation, 1, kIn}, "a block at level 0", Stage1, [](World& w) { w.memory[kLevel0] = kPage1 & ~2ull; }},
      {{E::kTranslation, 1, kIn}, "0b01 at level 3", Stage1, [](World& w) { w.memory[kLevel3] &= ~2ull; }},
      {{E::kTranslation, 1, kIn}, "beyond T0SZ", Stage1, [](World& w) { w.transaction.address |= 1ull << 48; }},
      {{E::kTranslation, 1, kIn}, "beyond T0SZ of 39 bits", Stage1, [](World& w) { w.memory[kContext] += 9; }},
      {{E::kTranslation, 1, kIn}, "the half of EPD1", Stage1, [](World& w) { w.transaction.address = ~0ull; }},
      {{E::kTranslation, 1, kIn}, "both halves disabled, and so ENDI does not matter", Stage1,
       [](World& w) { w.memory[kContext] |= 1 << 14 | 1 << 15; }},
      {{E::kTranslation, 2, kIn}, "beyond S2T0SZ", Stage2, [](World& w) { w.transaction.address |= 1ull << 40; }},
      {{E::kTranslation, 2, kIn}, "an invalid descriptor", Stage2, [](World& w) { w.memory[kStage2Level1] = 0; }},
      {{E::kTranslation, 2, kCd}, "the CD is not mapped", Nested, [](World& w) { w.memory[kContextPages] = 0; }},
      {{E::kTranslation, 2, kTt}, "a table is not mapped", Nested, [](World& w) { w.memory[kTablesPages + 8 * 6] = 0; }},
      {{E::kTranslation, 2, kIn}, "the result is not mapped", Nested, [](World& w) { w.memory[kOutputPage] = 0; }},
      {{E::kTranslation, 2, kIn}, "the result is beyond S2T0SZ", Nested, [](World& w) { w.memory[kLevel3] |= 1ull << 41; }},

      {{E::kAddressSize, 1, kIn}, "a page beyond IPS", Stage1,
       [](World& w) { w.memory[kContext] &= ~(7ull << 32), w.memory[kLevel3] |= 1ull << 32; }},
      {{E::kAddressSize, 1, kIn}, "a table beyond IPS", Stage1,
       [](World& w) { w.memory[kContext] &= ~(7ull << 32), w.memory[kLevel2] |= 1ull << 47; }},
      {{E::kAddressSize, 1, kIn}, "IPS is capped by the unit", Stage1,
       [](World& w) { w.unit.output_bits = 40, w.memory[kLevel3] |= 1ull << 40; }},
      {{E::kAddressSize, 1, kIn}, "bypass beyond the output size", Stage1,
       [](World& w) { w.memory[kSte] = 4 << 1 | 1, w.transaction.address = 1ull << 48; }},
      {{E::kAddressSize, 1, kIn}, "stage 2 only, beyond the intermediate size", Stage2,
       [](World& w) { w.transaction.address = 1ull << 48; }},
      {{E::kAddressSize, 2, kIn}, "a page beyond S2PS", Stage2, [](World& w) { w.memory[kSte + 16] &= ~(7ull << 48); }},
      {{E::kAccessFlag, 1, kIn}, "AF", Stage1, [](World& w) { w.memory[kLevel3] &= ~0x400ull; }},
      {{E::kAccessFlag, 2, kIn}, "AF", Stage2, [](World& w) { w.memory[kStage2Level3] &= ~0x400ull; }},
      {{E::kAccessFlag, 2, kTt}, "AF of a table's page", Nested, [](World& w) { w.memory[kTablesPages + 8 * 3] &= ~0x400ull; }},
      {{E::kPermission, 1, kIn}, "a write to a read-only page", Stage1, [](World& w) { Write(w), w.memory[kLevel3] |= 0x80; }},
      {{E::kPermission, 1, kIn}, "a write below a read-only table", Stage1,
       [](World& w) { Write(w), w.memory[kLevel0] |= 1ull << 62; }},
      {{E::kPermission, 1, kIn}, "a page of the privileged", Stage1, [](World& w) { w.memory[kLevel3] &= ~0x40ull; }},
      {{E::kPermission, 1, kIn}, "a table of the privileged", Stage1, [](World& w) { w.memory[kLevel2] |= 1ull << 61; }},
      {{E::kPermission, 2, kIn}, "a read of a write-only page", Stage2, [](World& w) { w.memory[kStage2Level3] &= ~0x40ull; }},
      {{E::kPermission, 2, kIn}, "a write to a read-only page", Stage2,
       [](World& w) { Write(w), w.memory[kStage2Level3] &= ~0x80ull; }},
      {{E::kPermission, 2, kTt}, "a table that cannot be read", Nested,
       [](World& w) { w.memory[kTablesPages + 8 * 3] &= ~0x40ull; }},
      {{E::kPermission, 2, kCd}, "a CD that cannot be read", Nested, [](World& w) { w.memory[kContextPages] &= ~0x40ull; }},
  };
}

TEST(SmmuV3Events, EachChangeIsItsEventAndNoOther) {
  for (const Case& test : Cases()) {
    World world = test.start();
    ASSERT_TRUE(std::holds_alternative<SmmuV3Translation>(world.Translate())) << test.claim;
    test.change(world);
    const SmmuV3Outcome outcome = world.Translate();
    std::ostringstream seen;
    std::visit([&](const auto& value) { seen << value; }, outcome);
    EXPECT_EQ(outcome, SmmuV3Outcome(test.fault)) << test.claim << "\n  want " << test.fault << "\n  have " << seen.str();
  }
}

TEST(SmmuV3Events, EveryEventHasACaseInEveryStageAndClassThatItCanHave) {
  std::set<std::string> provoked;
  const auto text = [](const SmmuV3Fault& fault) {
    std::ostringstream out;
    out << fault;
    return out.str();
  };
  for (const Case& test : Cases()) provoked.insert(text(test.fault));
  std::vector<SmmuV3Fault> all;
  for (const E event : {E::kAborted, E::kBadStreamId, E::kSteFetch, E::kBadSte, E::kStreamDisabled, E::kBadSubstreamId,
                        E::kCdFetch, E::kBadCd}) {
    all.push_back({event});
  }
  for (const E event : {E::kTranslation, E::kAddressSize, E::kAccessFlag, E::kPermission}) {
    all.push_back({event, 1, kIn});
    all.push_back({event, 2, kIn});
  }
  for (const SmmuV3Class what : {kCd, kTt, kIn}) {
    all.push_back({E::kWalkExternalAbort, 2, what});
    all.push_back({E::kTranslation, 2, what});
    all.push_back({E::kPermission, 2, what});
  }
  all.push_back({E::kWalkExternalAbort, 1, kTt});
  for (const SmmuV3Fault& fault : all) EXPECT_TRUE(provoked.contains(text(fault))) << fault;
}

TEST(SmmuV3, IgnoredBitsAreIgnored) {
  World world = Stage1();
  world.memory[kSte + 16] |= ~0xffffull;  // stage 2's fields, which is not enabled
  world.memory[kSte + 24] = ~0ull;
  world.memory[kContext + 16] = ~0ull;    // TTB1, which is disabled
  for (const std::uint64_t place : {kLevel0, kLevel1, kLevel2}) world.memory[place] |= 0x1ff0'0000'0000'0ffc;
  world.memory[kLevel3] |= 0xfff0'0000'0000'0b3c;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, TheDeepestNestedWalkReadsTheBoundAndNoMore) {
  World world = TwoLevelStreams();
  // Stage 2: 48 bits from level 0, all its tables one page at 0x8000, whose last level maps intermediate 0x9000 and 0xa000 to
  // themselves. 0x9000 holds the L1CD and, 64 bytes in, the CD; 0xa000 all tables of stage 1 and its page.
  const std::uint64_t ste2 = 7 | 16ull << 32 | 2ull << 38 | 5ull << 48 | 1ull << 51;
  world.memory.Put(0x11'0640, {8ull << 59 | 0x9000 | 1 << 4 | kBoth, 0, ste2, 0x8000, 0, 0, 0, 0});
  world.memory[0x8000] = 0x8003;
  world.memory[0x8048] = 0x9000 | kPage2;
  world.memory[0x8050] = 0xa000 | kPage2;
  world.memory[0x9000] = 0x9001;
  world.memory.Put(0x9040, {kCd0, 0xa000, 0, 0, 0, 0, 0, 0});
  world.memory[0xa000] = 0xa000 | kPage1;
  world.transaction.substream_id = 1;
  world.transaction.address = 0xabc;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xaabc)));
  EXPECT_EQ(world.memory.reads(), kSmmuV3MaxReads);
}

TEST(SmmuV3, GarbageIsAnsweredWithinTheBound) {
  std::mt19937_64 random(1);
  int translated = 0, deepest = 0;
  std::set<E> events;
  for (int i = 0; i < 200'000; ++i) {
    GarbageMemory memory(random());
    SmmuV3Unit unit = kUnit;
    SmmuV3Transaction transaction = {0x19, {}, random() >> (16 + random() % 48), static_cast<Access>(random() % 2)};
    switch (random() % 4) {
      case 0:  // garbage all over
        unit.strtab_base = random();
        unit.strtab_base_cfg = static_cast<std::uint32_t>(random());
        unit.stream_id_bits = static_cast<int>(random() % 33);
        unit.substream_id_bits = static_cast<int>(random() % 21);
        unit.output_bits = static_cast<int>(32 + random() % 17);
        transaction.stream_id = static_cast<std::uint32_t>(random() >> random() % 64);
        if (random() % 2) transaction.substream_id = random() & 0xfffff;
        break;
      case 1:  // a table of streams, and its descriptors are garbage
        unit.strtab_base_cfg = 1 << 16 | 6 << 6 | 10;
        break;
      default: {  // in the page tables
        const std::uint64_t config = 5 + random() % 3, start = random() % 3, size = 16 + random() % 24;
        memory.Put(kSte, {kContext | config << 1 | 1, 0, 7 | size << 32 | start << 38 | 5ull << 48 | 1ull << 51,
                          random() & 0x3'ffff'fff0, 0, 0, 0, 0});
        if (random() % 4) {
          memory.Put(kContext, {kCd0 + random() % 24, random() & 0x3'ffff'fff0, 0, 0, 0, 0, 0, 0});
        }
      }
    }
    const SmmuV3Outcome outcome = Translate(memory, unit, transaction);
    ASSERT_LE(memory.reads(), kSmmuV3MaxReads);
    deepest = std::max(deepest, memory.reads());
    if (const SmmuV3Fault* fault = std::get_if<SmmuV3Fault>(&outcome)) {
      events.insert(fault->event);
    } else {
      ++translated;
    }
  }
  // The garbage is not all turned away at the door.
  EXPECT_GT(translated, 1'000);
  EXPECT_GT(deepest, 20);
  EXPECT_GE(events.size(), 10u);
}

// A builder of translation tables that knows no bit field: indices by division, one class for both stages.
class Builder {
 public:
  // `leaf` are the low bits of a leaf's descriptor without its type. The first level has room for `input_bits`.
  Builder(SparseMemory& memory, int first_level, int input_bits, std::uint64_t leaf, std::uint64_t& next)
      : memory_(memory), leaf_(leaf), next_(next) {
    for (int level = first_level; level < 3; ++level) span_ *= 512;
    std::uint64_t size = 4096;
    while (size / 8 * span_ < 1ull << input_bits) size *= 2;
    next_ = (next_ + size - 1) / size * size;
    root_ = next_;
    for (std::uint64_t page = 0; page < size; page += 4096) memory_[root_ + page];
    next_ += size + 4096;
  }

  std::uint64_t root() const { return root_; }

  bool Map(std::uint64_t address, std::uint64_t target, std::uint64_t page_size, std::uint64_t rights) {
    if (page_size > span_) return false;
    std::uint64_t place = root_ + address / span_ * 8;
    for (std::uint64_t span = span_; span > page_size; span /= 512) {
      std::uint64_t descriptor = memory_[place];
      if (descriptor % 4 == 1) return false;
      if (descriptor == 0) {
        memory_[next_];
        descriptor = memory_[place] = next_ + 3;
        next_ += 8192;
      }
      place = descriptor - 3 + address / (span / 512) % 512 * 8;
    }
    if (memory_[place] != 0) return false;
    memory_[place] = target + leaf_ + rights + (page_size == 4096 ? 3 : 1);
    return true;
  }

 private:
  SparseMemory& memory_;
  std::uint64_t leaf_;
  std::uint64_t& next_;
  std::uint64_t span_ = 4096;
  std::uint64_t root_ = 0;
};

struct Mapping {
  std::uint64_t address, target, size;
  bool writable;
};

Mapping RandomMapping(std::mt19937_64& random, int input_bits) {
  constexpr std::uint64_t kSizes[] = {4096, 4096, 4096, 0x20'0000, 0x4000'0000};
  Mapping m;
  m.size = kSizes[random() % (input_bits > 30 ? 5 : 3)];
  const std::uint64_t reach = random() % 2 ? std::min(0x1000'0000ull, 1ull << input_bits) : 1ull << input_bits;
  m.address = random() % reach / m.size * m.size;
  m.target = (0x10'0000'0000 + random() % 0x10'0000'0000) / m.size * m.size;
  m.writable = random() % 2;
  return m;
}

// The first level of stage 1 for that many bits.
int FirstLevel(int input_bits) { return input_bits > 39 ? 0 : input_bits > 30 ? 1 : 2; }

TEST(SmmuV3RoundTrip, Stage1GivesBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = Stage1();
    const int input_bits = 25 + static_cast<int>(random() % 24);
    std::uint64_t next = 0x100'0000;
    Builder builder(world.memory, FirstLevel(input_bits), input_bits, 0x440, next);
    world.memory.Put(kContext, {kCd0 - 16 + static_cast<std::uint64_t>(64 - input_bits), builder.root()});
    std::vector<Mapping> mapped;
    for (int i = 0; i < 20; ++i) {
      const Mapping m = RandomMapping(random, input_bits);
      if (builder.Map(m.address, m.target, m.size, m.writable ? 0 : 0x80)) mapped.push_back(m);
    }
    ASSERT_FALSE(mapped.empty());
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % m.size;
      world.transaction.address = m.address + offset;
      world.transaction.access = Access::kRead;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{m.target + offset, true, m.writable, m.size, 0x5a, 7}));
      if (m.writable) continue;
      world.transaction.access = Access::kWrite;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kPermission, 1, kIn}));
    }
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t address = RandomMapping(random, input_bits).address;
      const bool used = std::any_of(mapped.begin(), mapped.end(),
                                    [&](const Mapping& m) { return address >= m.address && address < m.address + m.size; });
      if (used) continue;
      world.transaction.address = address;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kTranslation, 1, kIn}));
    }
  }
}

TEST(SmmuV3RoundTrip, Stage2AndNestedGiveBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = Stage2();
    const bool nested = random() % 2;
    // Every start that goes with the size: from level 0, 1 and 2 there are 40 to 48, 31 to 43 and 25 to 34 bits.
    const std::uint64_t start = nested ? 1 : random() % 3;
    const int least[] = {25, 31, 40}, most[] = {34, 43, 48};
    const int input_bits = nested ? 40 : least[start] + static_cast<int>(random() % (most[start] - least[start] + 1));
    std::uint64_t next = 0x100'0000, next_guest = 0x2000'0000;
    Builder host(world.memory, 2 - static_cast<int>(start), input_bits, 0x440, next);  // AF, S2AP read
    world.memory.Put(kSte, {nested ? kContext | kBoth : kStage2Only, 0,
                            7 | static_cast<std::uint64_t>(64 - input_bits) << 32 | start << 38 | 5ull << 48 | 1ull << 51,
                            host.root(), 0, 0, 0, 0});
    std::vector<Mapping> mapped;
    if (!nested) {
      for (int i = 0; i < 20; ++i) {
        const Mapping m = RandomMapping(random, input_bits);
        if (host.Map(m.address, m.target, m.size, m.writable ? 0x80 : 0)) mapped.push_back(m);
      }
    } else {
      Builder guest(world.memory, 0, 48, 0x440, next_guest);
      for (int i = 0; i < 10; ++i) {
        Mapping m = RandomMapping(random, 48);
        m.size = 4096;
        if (!guest.Map(m.address, m.target, m.size, m.writable ? 0 : 0x80)) continue;
        const std::uint64_t lands = (0x20'0000'0000 + random() % 0x10'0000'0000) / 4096 * 4096;
        if (!host.Map(m.target, lands, 4096, 0x80)) continue;
        m.target = lands;
        mapped.push_back(m);
      }
      for (std::uint64_t page = 0x2000'0000; page < next_guest; page += 4096) ASSERT_TRUE(host.Map(page, page, 4096, 0));
      ASSERT_TRUE(host.Map(kContext, kContext, 4096, 0));
      world.memory.Put(kContext, {kCd0, guest.root(), 0, 0, 0, 0, 0, 0});
    }
    ASSERT_FALSE(mapped.empty());
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % m.size;
      world.transaction.address = m.address + offset;
      const std::optional<std::uint16_t> asid = nested ? std::optional<std::uint16_t>(0x5a) : std::nullopt;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{m.target + offset, true, m.writable, m.size, asid, 7}));
    }
  }
}

}  // namespace
}  // namespace holdfast::hardware
