// SMMUv3 structures for tests, written word by word, each way into them for one stream. The numbers
// are worked out from IHI 0070 in the comments.
#ifndef HOLDFAST_SUT_HARDWARE_SMMUV3_WORLD_H_
#define HOLDFAST_SUT_HARDWARE_SMMUV3_WORLD_H_

#include <cstdint>
#include <optional>

#include "sut/hardware/smmuv3.h"
#include "sut/hardware/test_memory.h"

namespace holdfast::hardware::smmuv3_world {

struct World {
  SparseMemory memory;
  SmmuV3Unit unit;
  SmmuV3Transaction transaction;

  SmmuV3Outcome Translate() const { return hardware::Translate(memory, unit, transaction); }
};

// On; a linear stream table of 2^8 STEs at 0x10'0000: aligned to 2^(8 + 6) bytes. StreamID 0x19:
// its STE is at 0x10'0000 + 0x19 * 64 = 0x10'0640.
inline constexpr SmmuV3Unit kUnit = {
    .cr0 = 1, .gbpa = 0, .strtab_base = 0x10'0000, .strtab_base_cfg = 8};
inline constexpr std::uint64_t kSte = 0x10'0640;

// 0x1234'5678'9abc: levels 0 to 3 are indexed by bits [47:39] 0x24, [38:30] 0xd1, [29:21] 0xb3 and
// [20:12] 0x189; times 8 these are the offsets 0x120, 0x688, 0x598 and 0xc48.
inline constexpr std::uint64_t kAddress = 0x1234'5678'9abc;
inline constexpr std::uint64_t kLevel0 = 0x3120, kLevel1 = 0x4688, kLevel2 = 0x5598,
                               kLevel3 = 0x6c48;

// STE word 0: V, Config in [3:1], S1ContextPtr 0x20'0000. Word 2: S2VMID 7.
inline constexpr std::uint64_t kStage1Only = 5 << 1 | 1, kStage2Only = 6 << 1 | 1,
                               kBoth = 7 << 1 | 1;
inline constexpr std::uint64_t kContext = 0x20'0000;

// CD word 0: T0SZ 16 (48 bits), TG0 0 (4 KB), EPD1 30, V 31, IPS 5 (48 bits) in [34:32], AA64 41,
// ASID 0x5a in [63:48].
inline constexpr std::uint64_t kCd0 =
    16 | 1ull << 30 | 1ull << 31 | 5ull << 32 | 1ull << 41 | 0x5aull << 48;

// A stage 1 page: 0b11, AP[1] (6) for the unprivileged, AF (10).
inline constexpr std::uint64_t kPage1 = 0x443;

inline void PutStage1(SparseMemory& memory) {
  memory[kLevel0] = 0x4003;
  memory[kLevel1] = 0x5003;
  memory[kLevel2] = 0x6003;
  memory[kLevel3] = 0xabcd'e000 | kPage1;
}

inline World Stage1() {
  World world{{}, kUnit, {.stream_id = 0x19, .substream_id = {}, .address = kAddress}};
  world.memory.Put(kSte, {kContext | kStage1Only, 0, 7, 0, 0, 0, 0, 0});
  world.memory.Put(kContext, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  PutStage1(world.memory);
  return world;
}

// STE word 2: S2T0SZ 24 (40 bits), S2SL0 1 (level 1), S2TG 0, S2PS 5 (48 bits) in [50:48], S2AA64
// 51. Level 1 of 40 bits is indexed by bits [39:30]: ten bits, so two tables side by side at 0x8000
// and 0x9000.
inline constexpr std::uint64_t kSte2 = 7 | 24ull << 32 | 1ull << 38 | 5ull << 48 | 1ull << 51;
// A stage 2 page: 0b11, S2AP (7:6) read and write, AF (10).
inline constexpr std::uint64_t kPage2 = 0x4c3;

// 0xd0'5678'9abc: bits [39:30] are 0x341 (offset 0x1a08, in the second of the two), [29:21] 0xb3,
// [20:12] 0x189.
inline constexpr std::uint64_t kIpa = 0xd0'5678'9abc;
inline constexpr std::uint64_t kStage2Level1 = 0x9a08, kStage2Level2 = 0xa598,
                               kStage2Level3 = 0xbc48;

inline World Stage2() {
  World world{{}, kUnit, {.stream_id = 0x19, .substream_id = {}, .address = kIpa}};
  world.memory.Put(kSte, {kStage2Only, 0, kSte2, 0x8000, 0, 0, 0, 0});
  world.memory[0x8000];
  world.memory[kStage2Level1] = 0xa003;
  world.memory[kStage2Level2] = 0xb003;
  world.memory[kStage2Level3] = 0x5'5555'5000 | kPage2;
  return world;
}

// Both: stage 1 as above, at intermediate addresses. Stage 2 maps intermediate 0x20'0000 (the CD)
// and 0x3000 to 0x6000 (the tables) to themselves: [39:30] is 0; [29:21] is 1 and 0; and the stage
// 1 page 0xabcd'e000, whose [39:30] is 2, [29:21] 0x15e and [20:12] 0xde, to 0x7'7777'7000.
inline constexpr std::uint64_t kTablesPages = 0xd000, kContextPages = 0xe000, kOutputPage = 0xf6f0;

inline World Nested() {
  World world = Stage1();
  world.memory.Put(kSte, {kContext | kBoth, 0, kSte2, 0x8000, 0, 0, 0, 0});
  world.memory[0x8000] = 0xc003;
  world.memory[0xc000] = kTablesPages | 3;
  world.memory[0xc008] = kContextPages | 3;
  for (std::uint64_t page = 3; page <= 6; ++page)
    world.memory[kTablesPages + 8 * page] = page << 12 | kPage2;
  world.memory[kContextPages] = 0x20'0000 | kPage2;
  world.memory[0x8010] = 0x1'0003;
  world.memory[0x1'0000 + 8 * 0x15e] = 0xf003;
  world.memory[kOutputPage] = 0x7'7777'7000 | kPage2;
  return world;
}

// A two-level stream table: FMT 1, SPLIT 6, LOG2SIZE 10. StreamID 0x19's L1STD is entry 0; Span 7
// is all 64 STEs.
inline World TwoLevelStreams() {
  World world = Stage1();
  world.unit.strtab_base_cfg = 1 << 16 | 6 << 6 | 10;
  world.memory[0x10'0000] = 0x11'0000 | 7;
  world.memory.Put(0x11'0640, {kContext | kStage1Only, 0, 7, 0, 0, 0, 0, 0});
  return world;
}

// Substreams: S1CDMax in [63:59], S1Fmt in [5:4]; word 1: S1DSS in [1:0].
inline World Substreams(std::uint64_t cd_max, std::uint64_t format,
                        std::uint64_t default_substream) {
  World world = Stage1();
  world.memory[kSte] = cd_max << 59 | kContext | format << 4 | kStage1Only;
  world.memory[kSte + 8] = default_substream;
  return world;
}

inline World TwoLevelCds() {
  // 2^8 CDs in second-level tables of 64: SubstreamID 0x47 has L1CD 1, at 0x20'0008, and CD 7 of
  // that: + 7 * 64 = 0x1c0.
  World world = Substreams(8, 1, 0);
  world.memory[kContext + 8] = 0x21'0001;
  world.memory.Put(0x21'01c0, {kCd0, 0x3000, 0, 0, 0, 0, 0, 0});
  world.transaction.substream_id = 0x47;
  return world;
}

inline SmmuV3Translation ByStage1(std::uint64_t address) {
  return {address, true, true, 4096, 0x5a, 7};
}
inline SmmuV3Translation ByStage2(std::uint64_t address) {
  return {address, true, true, 4096, std::nullopt, 7};
}

}  // namespace holdfast::hardware::smmuv3_world

#endif  // HOLDFAST_SUT_HARDWARE_SMMUV3_WORLD_H_
