// VT-d tables for tests, written word by word, each way into them for one device. The numbers are
// worked out from the specification in the comments.
#ifndef HOLDFAST_SUT_HARDWARE_VTD_WORLD_H_
#define HOLDFAST_SUT_HARDWARE_VTD_WORLD_H_

#include <cstdint>

#include "sut/hardware/test_memory.h"
#include "sut/hardware/vtd.h"

namespace holdfast::hardware::vtd_world {

struct World {
  SparseMemory memory;
  VtdUnit unit;
  VtdRequest request;

  VtdOutcome Translate() const { return hardware::Translate(memory, unit, request); }
};

// A unit with everything but snoop control and device TLBs: ND 6 (16-bit domain ids), SAGAW 39, 48
// and 57 bits, MGAW 57, large pages of both sizes in both stages; pass-through, nesting, scalable
// mode with both stages, abort-DMA mode, RID_PRIV.
inline constexpr VtdUnit kUnit = {
    .cap = 6 | 0xeull << 8 | 56ull << 16 | 3ull << 34 | 1ull << 56 | 1ull << 60,
    .ecap = 1ull << 6 | 1ull << 26 | 1ull << 43 | 1ull << 46 | 1ull << 47 | 1ull << 52 | 1ull << 53,
    .gsts = 0x8000'0000,
    .rtaddr = 0x1000,
    .host_address_width = 46,
};

// 0x1234'5678'9abc: bits [47:39] 0x24, [38:30] 0xd1, [29:21] 0xb3, [20:12] 0x189, [11:0] 0xabc;
// times 8 these are the offsets 0x120, 0x688, 0x598 and 0xc48.
inline constexpr std::uint64_t kAddress = 0x1234'5678'9abc;
inline constexpr std::uint64_t kLevel4 = 0x3120, kLevel3 = 0x4688, kLevel2 = 0x5598,
                               kLevel1 = 0x6c48;

// Device 12:03.1: bus 0x12, devfn 3 * 8 + 1 = 0x19. Its root entry is at 0x1000 + 0x12 * 16, its
// context entry in legacy mode at 0x2000 + 0x19 * 16. Context entry: present, type 0; width 2 (48
// bits, four levels), domain id 0x77.
inline constexpr std::uint64_t kRoot = 0x1120, kContext = 0x2190;

inline void PutSecondStage(SparseMemory& memory) {
  memory[kLevel4] = 0x4003;
  memory[kLevel3] = 0x5003;
  memory[kLevel2] = 0x6003;
  memory[kLevel1] = 0xabcd'e003;
}

inline World Legacy() {
  World world{{}, kUnit, {.source_id = 0x1219, .pasid = {}, .address = kAddress}};
  world.memory.Put(kRoot, {0x2001, 0});
  world.memory.Put(kContext, {0x3001, 0x7702});
  PutSecondStage(world.memory);
  return world;
}

// The same device in scalable mode (TTM 1). devfn 0x19 is in the lower half; its context entry is
// at 0x2000 + 0x19 * 32 = 0x2320: present, PASIDs enabled, PDTS 0 (128 directory entries, 8192
// PASIDs); RID_PASID 0x42. Directory entry 0x42 >> 6 = 1 is at 0x7008; table entry 0x42 & 63 = 2 at
// 0x8080.
inline constexpr std::uint64_t kScalableContext = 0x2320, kDirectory = 0x7008, kPasid = 0x8080;

inline World Scalable() {
  World world{{}, kUnit, {.source_id = 0x1219, .pasid = {}, .address = kAddress}};
  world.unit.rtaddr = 0x1400;
  world.memory.Put(kRoot, {0x2001, 0});
  world.memory.Put(kScalableContext, {0x7009, 0x42, 0, 0});
  world.memory[kDirectory] = 0x8001;
  return world;
}

// PASID entry, second stage: P, AW 2 in [4:2], PGTT 2 in [8:6].
inline World ScalableSecond() {
  World world = Scalable();
  world.memory.Put(kPasid, {0x3000 | 2 << 6 | 2 << 2 | 1, 0x77, 0, 0, 0, 0, 0, 0});
  PutSecondStage(world.memory);
  return world;
}

// PASID entry, first stage: P, PGTT 1; FLPM 0 (four levels). First-stage entries: P, R/W, U/S.
inline World ScalableFirst() {
  World world = Scalable();
  world.memory.Put(kPasid, {1 << 6 | 1, 0x77, 0x3000, 0, 0, 0, 0, 0});
  world.memory[kLevel4] = 0x4007;
  world.memory[kLevel3] = 0x5007;
  world.memory[kLevel2] = 0x6007;
  world.memory[kLevel1] = 0xabcd'e007;
  return world;
}

// PASID entry, nested: P, AW 1 (39 bits, three levels), PGTT 3. The first stage as above lives at
// guest 0x3000 to 0x6fff and leads to guest 0xabcd'e000. The second stage at 0x9000: guest [38:30]
// 0 -> 0xa000 -> [29:21] 0 -> 0xb000, whose entries 3 to 6 map the tables to themselves; guest
// 0xabcd'e000 has [38:30] 2, [29:21] 0x15e and [20:12] 0xde.
inline constexpr std::uint64_t kNestedTop = 0x9000, kNestedTables = 0xb000, kNestedLeaf = 0xd6f0;

inline World Nested() {
  World world = ScalableFirst();
  world.memory.Put(kPasid, {0x9000 | 3 << 6 | 1 << 2 | 1, 0x77, 0x3000, 0, 0, 0, 0, 0});
  world.memory[kNestedTop] = 0xa003;
  world.memory[0xa000] = 0xb003;
  for (std::uint64_t page = 3; page <= 6; ++page)
    world.memory[kNestedTables + 8 * page] = page << 12 | 3;
  world.memory[kNestedTop + 8 * 2] = 0xc003;
  world.memory[0xc000 + 8 * 0x15e] = 0xd003;
  world.memory[kNestedLeaf] = 0x5'5555'5003;
  return world;
}

inline VtdTranslation Page(std::uint64_t address) { return {address, true, true, 4096, 0x77}; }

}  // namespace holdfast::hardware::vtd_world

#endif  // HOLDFAST_SUT_HARDWARE_VTD_WORLD_H_
