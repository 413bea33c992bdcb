// Each of SMMUv3's events, provoked by one change to structures that translate.

#include "sut/hardware/smmuv3_event.h"

#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sut/hardware/access.h"
#include "sut/hardware/smmuv3.h"
#include "sut/hardware/smmuv3_world.h"

namespace holdfast::hardware {
namespace {

using namespace smmuv3_world;
using E = SmmuV3Event;
constexpr SmmuV3Class kCd = SmmuV3Class::kContextDescriptor, kTt = SmmuV3Class::kTable,
                      kIn = SmmuV3Class::kInput;

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
      {plain(E::kAborted), "GBPA.ABORT while off", Stage1,
       [](World& w) { w.unit.cr0 = 0, w.unit.gbpa = 1 << 20; }},
      {plain(E::kAborted), "beyond the output size while off", Stage1,
       [](World& w) { w.unit.cr0 = 0, w.transaction.address = 1ull << 48; }},
      {plain(E::kAborted), "Config 0", Stage1, [](World& w) { w.memory[kSte] = kContext | 1; }},
      {plain(E::kAborted), "Config 3 is reserved", Stage1,
       [](World& w) { w.memory[kSte] = kContext | 3 << 1 | 1; }},

      {plain(E::kBadStreamId), "256 of 256", Stage1,
       [](World& w) { w.transaction.stream_id = 256; }},
      {plain(E::kBadStreamId), "beyond SIDSIZE", Stage1,
       [](World& w) { w.unit.stream_id_bits = 4; }},
      {plain(E::kBadStreamId), "L1STD.Span 0", TwoLevelStreams,
       [](World& w) { w.memory[0x10'0000] = 0x11'0000; }},
      {plain(E::kBadStreamId), "L1STD.Span 12", TwoLevelStreams,
       [](World& w) { w.memory[0x10'0000] = 0x11'0000 | 12; }},
      {plain(E::kBadStreamId), "L1STD.Span beyond SPLIT", TwoLevelStreams,
       [](World& w) { w.memory[0x10'0000] = 0x11'0000 | 8; }},
      {plain(E::kBadStreamId), "0x19 of 16", TwoLevelStreams,
       [](World& w) { w.memory[0x10'0000] = 0x11'0000 | 5; }},
      {plain(E::kSteFetch), "no memory", Stage1, [](World& w) { w.memory.RemovePage(kSte); }},
      {plain(E::kSteFetch), "no memory for the L1STD", TwoLevelStreams,
       [](World& w) { w.unit.strtab_base = 0x30'0000; }},
      {plain(E::kSteFetch), "no memory for the second level", TwoLevelStreams,
       [](World& w) { w.memory.RemovePage(0x11'0000); }},
      {plain(E::kSteFetch), "beyond the output size", Stage1,
       [](World& w) {
         w.unit.output_bits = 44, w.unit.strtab_base |= 1ull << 44;
         w.memory.Put(1ull << 44 | kSte, {kContext | kStage1Only, 0, 7, 0, 0, 0, 0, 0});
       }},
      {plain(E::kBadSte), "V", Stage1, [](World& w) { w.memory[kSte] &= ~1ull; }},
      {plain(E::kBadSte), "S1STALLD", Stage1, [](World& w) { w.memory[kSte + 8] = 1 << 27; }},
      {plain(E::kBadSte), "S1CDMax beyond SSIDSIZE", Stage1,
       [](World& w) { w.memory[kSte] |= 21ull << 59; }},
      {plain(E::kBadSte), "S1ContextPtr beyond the output size", Stage1,
       [](World& w) { w.memory[kSte] |= 1ull << 48; }},
      {plain(E::kBadSte), "S1ContextPtr beyond the intermediate size", Nested,
       [](World& w) { w.memory[kSte] |= 1ull << 55; }},
      {plain(E::kBadSte), "S2AA64", Stage2, [](World& w) { w.memory[kSte + 16] &= ~(1ull << 51); }},
      {plain(E::kBadSte), "S2ENDI", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 52; }},
      {plain(E::kBadSte), "S2HD", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 55; }},
      {plain(E::kBadSte), "S2HA", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 56; }},
      {plain(E::kBadSte), "S2S", Stage2, [](World& w) { w.memory[kSte + 16] |= 1ull << 57; }},
      {plain(E::kBadSte), "S2TG 64 KB", Stage2,
       [](World& w) { w.memory[kSte + 16] |= 1ull << 46; }},
      {plain(E::kBadSte), "S2TG 16 KB", Stage2,
       [](World& w) { w.memory[kSte + 16] |= 2ull << 46; }},
      {plain(E::kBadSte), "S2T0SZ 15", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 15) << 32 | 3ull << 38; }},
      {plain(E::kBadSte), "S2T0SZ 40", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 40) << 32 | 1ull << 38; }},
      {plain(E::kBadSte), "S2T0SZ 24 on a unit of 36 bits", Stage2,
       [](World& w) { w.unit.output_bits = 36; }},
      {plain(E::kBadSte), "S2SL0 3", Stage2, [](World& w) { w.memory[kSte + 16] |= 3ull << 38; }},
      {plain(E::kBadSte), "44 bits from level 1 are 32 tables", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 20) << 32; }},
      {plain(E::kBadSte), "39 bits leave nothing to level 0", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= (24ull ^ 25) << 32 | 3ull << 38; }},
      {plain(E::kBadSte), "level 0 on a unit of 42 bits", Stage2,
       [](World& w) { w.memory[kSte + 16] ^= 3ull << 38, w.unit.output_bits = 42; }},
      {plain(E::kBadSte), "S2TTB beyond S2PS", Stage2,
       [](World& w) { w.memory[kSte + 16] &= ~(7ull << 48), w.memory[kSte + 24] |= 1ull << 32; }},
      {plain(E::kStreamDisabled), "no substream, S1DSS 0", substreams,
       [](World& w) { w.memory[kSte + 8] = 0; }},
      {plain(E::kStreamDisabled), "substream 0, S1DSS 2", substreams,
       [](World& w) { w.transaction.substream_id = 0; }},
      {plain(E::kBadSubstreamId), "no substreams", Stage1,
       [](World& w) { w.transaction.substream_id = 0; }},
      {plain(E::kBadSubstreamId), "no stage 1", Stage2,
       [](World& w) { w.transaction.substream_id = 0; }},
      {plain(E::kBadSubstreamId), "SSIDSIZE 0", substreams,
       [](World& w) { w.transaction.substream_id = 1, w.unit.substream_id_bits = 0; }},
      {plain(E::kBadSubstreamId), "16 of 16", substreams,
       [](World& w) { w.transaction.substream_id = 16; }},
      {plain(E::kBadSubstreamId), "L1CD.V", TwoLevelCds,
       [](World& w) { w.memory[kContext + 8] = 0x21'0000; }},
      {plain(E::kBadSubstreamId), "L1CD.L2Ptr beyond the output size", TwoLevelCds,
       [](World& w) { w.memory[kContext + 8] |= 1ull << 50; }},
      {plain(E::kCdFetch), "no memory", Stage1, [](World& w) { w.memory.RemovePage(kContext); }},
      {plain(E::kCdFetch), "no memory for the L1CD", TwoLevelCds,
       [](World& w) { w.memory.RemovePage(kContext); }},
      {plain(E::kCdFetch), "no memory for the second level", TwoLevelCds,
       [](World& w) { w.memory.RemovePage(0x21'0000); }},
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

      {{E::kWalkExternalAbort, 1, kTt},
       "no memory for the first table",
       Stage1,
       [](World& w) { w.memory.RemovePage(kLevel0); }},
      {{E::kWalkExternalAbort, 1, kTt},
       "no memory for the last table",
       Stage1,
       [](World& w) { w.memory.RemovePage(kLevel3); }},
      {{E::kWalkExternalAbort, 2, kIn},
       "no memory",
       Stage2,
       [](World& w) { w.memory.RemovePage(kStage2Level3); }},
      {{E::kWalkExternalAbort, 2, kCd},
       "on the way to the CD",
       Nested,
       [](World& w) { w.memory.RemovePage(kContextPages); }},
      {{E::kWalkExternalAbort, 2, kTt},
       "on the way to a descriptor",
       Nested,
       [](World& w) { w.memory.RemovePage(kTablesPages); }},
      {{E::kWalkExternalAbort, 1, kTt},
       "a descriptor that is mapped to nowhere",
       Nested,
       [](World& w) { w.memory[kTablesPages + 8 * 4] = 0x40'0000 | kPage2; }},

      {{E::kTranslation, 1, kIn},
       "an invalid descriptor",
       Stage1,
       [](World& w) { w.memory[kLevel1] = 0; }},
      {{E::kTranslation, 1, kIn},
       "a block at level 0",
       Stage1,
       [](World& w) { w.memory[kLevel0] = kPage1 & ~2ull; }},
      {{E::kTranslation, 1, kIn},
       "0b01 at level 3",
       Stage1,
       [](World& w) { w.memory[kLevel3] &= ~2ull; }},
      {{E::kTranslation, 1, kIn},
       "beyond T0SZ",
       Stage1,
       [](World& w) { w.transaction.address |= 1ull << 48; }},
      {{E::kTranslation, 1, kIn},
       "beyond T0SZ of 39 bits",
       Stage1,
       [](World& w) { w.memory[kContext] += 9; }},
      {{E::kTranslation, 1, kIn},
       "the half of EPD1",
       Stage1,
       [](World& w) { w.transaction.address = ~0ull; }},
      {{E::kTranslation, 1, kIn},
       "both halves disabled, and so ENDI does not matter",
       Stage1,
       [](World& w) { w.memory[kContext] |= 1 << 14 | 1 << 15; }},
      {{E::kTranslation, 2, kIn},
       "beyond S2T0SZ",
       Stage2,
       [](World& w) { w.transaction.address |= 1ull << 40; }},
      {{E::kTranslation, 2, kIn},
       "an invalid descriptor",
       Stage2,
       [](World& w) { w.memory[kStage2Level1] = 0; }},
      {{E::kTranslation, 2, kCd},
       "the CD is not mapped",
       Nested,
       [](World& w) { w.memory[kContextPages] = 0; }},
      {{E::kTranslation, 2, kTt},
       "a table is not mapped",
       Nested,
       [](World& w) { w.memory[kTablesPages + 8 * 6] = 0; }},
      {{E::kTranslation, 2, kIn},
       "the result is not mapped",
       Nested,
       [](World& w) { w.memory[kOutputPage] = 0; }},
      {{E::kTranslation, 2, kIn},
       "the result is beyond S2T0SZ",
       Nested,
       [](World& w) { w.memory[kLevel3] |= 1ull << 41; }},

      {{E::kAddressSize, 1, kIn},
       "a page beyond IPS",
       Stage1,
       [](World& w) { w.memory[kContext] &= ~(7ull << 32), w.memory[kLevel3] |= 1ull << 32; }},
      {{E::kAddressSize, 1, kIn},
       "a table beyond IPS",
       Stage1,
       [](World& w) { w.memory[kContext] &= ~(7ull << 32), w.memory[kLevel2] |= 1ull << 47; }},
      {{E::kAddressSize, 1, kIn},
       "IPS is capped by the unit",
       Stage1,
       [](World& w) { w.unit.output_bits = 40, w.memory[kLevel3] |= 1ull << 40; }},
      {{E::kAddressSize, 1, kIn},
       "bypass beyond the output size",
       Stage1,
       [](World& w) { w.memory[kSte] = 4 << 1 | 1, w.transaction.address = 1ull << 48; }},
      {{E::kAddressSize, 1, kIn},
       "stage 2 only, beyond the intermediate size",
       Stage2,
       [](World& w) { w.transaction.address = 1ull << 48; }},
      {{E::kAddressSize, 2, kIn},
       "a page beyond S2PS",
       Stage2,
       [](World& w) { w.memory[kSte + 16] &= ~(7ull << 48); }},
      {{E::kAccessFlag, 1, kIn}, "AF", Stage1, [](World& w) { w.memory[kLevel3] &= ~0x400ull; }},
      {{E::kAccessFlag, 2, kIn},
       "AF",
       Stage2,
       [](World& w) { w.memory[kStage2Level3] &= ~0x400ull; }},
      {{E::kAccessFlag, 2, kTt},
       "AF of a table's page",
       Nested,
       [](World& w) { w.memory[kTablesPages + 8 * 3] &= ~0x400ull; }},
      {{E::kPermission, 1, kIn},
       "a write to a read-only page",
       Stage1,
       [](World& w) { Write(w), w.memory[kLevel3] |= 0x80; }},
      {{E::kPermission, 1, kIn},
       "a write below a read-only table",
       Stage1,
       [](World& w) { Write(w), w.memory[kLevel0] |= 1ull << 62; }},
      {{E::kPermission, 1, kIn},
       "a page of the privileged",
       Stage1,
       [](World& w) { w.memory[kLevel3] &= ~0x40ull; }},
      {{E::kPermission, 1, kIn},
       "a table of the privileged",
       Stage1,
       [](World& w) { w.memory[kLevel2] |= 1ull << 61; }},
      {{E::kPermission, 2, kIn},
       "a read of a write-only page",
       Stage2,
       [](World& w) { w.memory[kStage2Level3] &= ~0x40ull; }},
      {{E::kPermission, 2, kIn},
       "a write to a read-only page",
       Stage2,
       [](World& w) { Write(w), w.memory[kStage2Level3] &= ~0x80ull; }},
      {{E::kPermission, 2, kTt},
       "a table that cannot be read",
       Nested,
       [](World& w) { w.memory[kTablesPages + 8 * 3] &= ~0x40ull; }},
      {{E::kPermission, 2, kCd},
       "a CD that cannot be read",
       Nested,
       [](World& w) { w.memory[kContextPages] &= ~0x40ull; }},
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
    EXPECT_EQ(outcome, SmmuV3Outcome(test.fault))
        << test.claim << "\n  want " << test.fault << "\n  have " << seen.str();
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
  for (const E event : {E::kAborted, E::kBadStreamId, E::kSteFetch, E::kBadSte, E::kStreamDisabled,
                        E::kBadSubstreamId, E::kCdFetch, E::kBadCd}) {
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

}  // namespace
}  // namespace holdfast::hardware
