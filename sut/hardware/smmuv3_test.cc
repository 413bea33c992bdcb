// SMMUv3's walker where it translates, and where it is given garbage.

#include "sut/hardware/smmuv3.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <variant>

#include <gtest/gtest.h>

#include "sut/hardware/access.h"
#include "sut/hardware/smmuv3_event.h"
#include "sut/hardware/smmuv3_world.h"
#include "sut/hardware/test_memory.h"

namespace holdfast::hardware {
namespace {

using namespace smmuv3_world;
using E = SmmuV3Event;
constexpr SmmuV3Class kIn = SmmuV3Class::kInput;

TEST(SmmuV3, Stage1TranslatesAndReportsAsidAndVmid) {
  const World world = Stage1();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  EXPECT_EQ(world.memory.reads(), 4 + 3 + 4);
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
  EXPECT_EQ(world.memory.reads(), 4 + 3);
}

TEST(SmmuV3, Stage2StartsWhereSl0Says) {
  World world = Stage2();
  // 34 bits from level 2: [33:21] is 13 bits, sixteen tables. 0x2'5678'9abc has 0x12b3 there:
  // 0x1'0000 + 0x9598.
  world.memory.Put(
      kSte, {kStage2Only, 0, 7 | 30ull << 32 | 5ull << 48 | 1ull << 51, 0x1'0000, 0, 0, 0, 0});
  world.memory[0x1'9598] = 0xb003;
  world.transaction.address = 0x2'5678'9abc;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage2(0x5'5555'5abc)));
  // 48 bits from level 0.
  world.memory.Put(kSte, {kStage2Only, 0, 7 | 16ull << 32 | 2ull << 38 | 5ull << 48 | 1ull << 51,
                          0x3000, 0, 0, 0, 0});
  world.memory[kLevel0] = 0x4003;
  world.memory[kLevel1] = 0xa003;
  world.transaction.address = kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage2(0x5'5555'5abc)));
}

TEST(SmmuV3, NestedTranslatesTheCdEveryDescriptorAndTheResult) {
  World world = Nested();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0x7'7777'7abc)));
  EXPECT_EQ(world.memory.reads(), 4 + (3 + 3) + 4 * (3 + 1) + 3);
  world.memory[kContextPages] = 0x22'0000 | kPage2;  // the CD and a table are elsewhere
  world.memory.Put(0x22'0000, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  world.memory[kTablesPages + 8 * 5] = 0x23'0000 | kPage2;
  world.memory[0x23'0598] = 0x6003;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0x7'7777'7abc)));
}

TEST(SmmuV3, NestedRightsAreThoseOfBothStagesAndThePageIsTheSmaller) {
  World world = Nested();
  world.memory[kOutputPage] = 0x7'7777'7000 | (kPage2 & ~0x80ull);
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, true, false, 4096, 0x5a, 7}));
  world.memory[kOutputPage] = 0x7'7777'7000 | (kPage2 & ~0x40ull);
  world.transaction.access = Access::kWrite;
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, false, true, 4096, 0x5a, 7}));
  // fetching is reading
  for (std::uint64_t page = 3; page <= 6; ++page) world.memory[kTablesPages + 8 * page] &= ~0x80ull;
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, false, true, 4096, 0x5a, 7}));
  world.memory[kOutputPage] = 0x7'7777'7000 | kPage2;
  world.memory[kLevel3] |= 0x80;
  world.transaction.access = Access::kRead;
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x7'7777'7abc, true, false, 4096, 0x5a, 7}));
  // a block of 2 MB over a page of 4 KB: 0xabc0'0000 + 0x18'9abc
  world.memory[kLevel2] = 0xabc0'0000 | (kPage1 & ~2ull);
  world.memory[0xf000 + 8 * 0x189] = 0x6'6666'6000 | kPage2;
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x6'6666'6abc, true, true, 4096, 0x5a, 7}));
}

TEST(SmmuV3, BlocksKeepTheLowAddressBits) {
  World world = Stage1();
  world.memory[kLevel2] = 0x4000'0000 | (kPage1 & ~2ull);  // 2 MB: the low 21 bits are 0x18'9abc
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x4018'9abc, true, true, 0x20'0000, 0x5a, 7}));
  world.memory[kLevel1] = 0x8000'0000 | (kPage1 & ~2ull);  // 1 GB: the low 30 bits are 0x1678'9abc
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x9678'9abc, true, true, 0x4000'0000, 0x5a, 7}));
  World second = Stage2();
  second.memory[kStage2Level2] = 0x4000'0000 | (kPage2 & ~2ull);
  EXPECT_EQ(second.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0x4018'9abc, true, true, 0x20'0000, {}, 7}));
}

TEST(SmmuV3, Stage1StartsWhereTheSizeSays) {
  World world = Stage1();
  // T0SZ 25: 39 bits, from level 1; T0SZ 34: 30 bits, from level 2; T0SZ 39: 25 bits, [24:21] of
  // level 2: 16 entries, so the table is aligned to 128 bytes.
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
  // Word 0: EPD1 clear, T1SZ 16 in [21:16], TG1 2 (4 KB) in [23:22]; word 2: TTB1. EPD0 14 disables
  // the other half.
  world.memory.Put(kContext, {(kCd0 & ~(1ull << 30)) | 16 << 16 | 2 << 22 | 1 << 14, 0, 0x3000});
  world.transaction.address = 0xffff'0000'0000'0000 | kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kContext] |= 1ull << 39;  // TBI1
  world.transaction.address = 0x5aff'0000'0000'0000 | kAddress;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  world.memory[kLevel1] |= 1ull << 62;  // APTable[1], which HAD1 (bit 1 of word 2) sets aside
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0xabcd'eabc, true, false, 4096, 0x5a, 7}));
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
  EXPECT_EQ(world.memory.reads(), 1 + 4 + 3 + 4);
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
  // 2^6 L1CDs are 512 bytes
  world.memory[kSte] = 12ull << 59 | kContext | 0x1c0 | 1 << 4 | kStage1Only;
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
  EXPECT_EQ(world.Translate(),
            SmmuV3Outcome(SmmuV3Translation{0xabcd'eabc, true, true, 4096, 0x5b, 7}));

  world = TwoLevelCds();
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
  EXPECT_EQ(world.memory.reads(), 4 + 1 + 3 + 4);

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
  EXPECT_EQ(Substreams(4, 0, 1).Translate(),
            SmmuV3Outcome(SmmuV3Translation{kAddress, true, true, 0, {}, {}}));
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

TEST(SmmuV3, IgnoredBitsAreIgnored) {
  World world = Stage1();
  world.memory[kSte + 16] |= ~0xffffull;  // stage 2's fields, which is not enabled
  world.memory[kSte + 24] = ~0ull;
  world.memory[kContext + 16] = ~0ull;  // TTB1, which is disabled
  for (const std::uint64_t place : {kLevel0, kLevel1, kLevel2})
    world.memory[place] |= 0x1ff0'0000'0000'0ffc;
  world.memory[kLevel3] |= 0xfff0'0000'0000'0b3c;
  EXPECT_EQ(world.Translate(), SmmuV3Outcome(ByStage1(0xabcd'eabc)));
}

TEST(SmmuV3, TheDeepestNestedWalkReadsTheBoundAndNoMore) {
  World world = TwoLevelStreams();
  // Stage 2: 48 bits from level 0, all its tables one page at 0x8000, whose last level maps
  // intermediate 0x9000 and 0xa000 to themselves. 0x9000 holds the L1CD and, 64 bytes in, the CD;
  // 0xa000 all tables of stage 1 and its page.
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
    SmmuV3Transaction transaction = {
        0x19, {}, random() >> (16 + random() % 48), static_cast<Access>(random() % 2)};
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
        const std::uint64_t config = 5 + random() % 3, start = random() % 3,
                            size = 16 + random() % 24;
        memory.Put(kSte, {kContext | config << 1 | 1, 0,
                          7 | size << 32 | start << 38 | 5ull << 48 | 1ull << 51,
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
  EXPECT_GT(deepest, 12);
  EXPECT_GE(events.size(), 10u);
}

}  // namespace
}  // namespace holdfast::hardware
