// Each of VT-d's faults, provoked by one change to tables that translate.

#include "sut/hardware/vtd_fault.h"

#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "sut/hardware/access.h"
#include "sut/hardware/vtd.h"
#include "sut/hardware/vtd_world.h"

namespace holdfast::hardware {
namespace {

using namespace vtd_world;
using F = VtdFault;

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
      {F::kRta1, "scalable mode without SMTS", Scalable,
       [](World& w) { w.unit.ecap &= ~(1ull << 43); }},
      {F::kRta1, "abort-DMA mode without ADMS", Legacy,
       [](World& w) { w.unit.rtaddr = 0x1c00, w.unit.ecap &= ~(1ull << 52); }},
      {F::kRta1, "root table beyond the host's width", Legacy,
       [](World& w) { w.unit.rtaddr |= 1ull << 46; }},
      {F::kRta2, "PASID in legacy mode", Legacy, [](World& w) { w.request.pasid = 1; }},

      {F::kLrt1, "no memory", Legacy, [](World& w) { w.memory.RemovePage(0x1000); }},
      {F::kLrt2, "not present", Legacy, [](World& w) { w.memory[kRoot] = 0x2000; }},
      {F::kLrt3, "bit 1", Legacy, [](World& w) { w.memory[kRoot] = 0x2003; }},
      {F::kLrt3, "bit 46", Legacy, [](World& w) { w.memory[kRoot] |= 1ull << 46; }},
      {F::kLrt3, "the second word", Legacy, [](World& w) { w.memory[kRoot + 8] = 1ull << 63; }},
      {F::kLct1, "no memory", Legacy, [](World& w) { w.memory.RemovePage(0x2000); }},
      {F::kLct2, "not present", Legacy, [](World& w) { w.memory[kContext] = 0x3000; }},
      {F::kLct3, "bit 4", Legacy, [](World& w) { w.memory[kContext] |= 1 << 4; }},
      {F::kLct3, "page table beyond the host's width", Legacy,
       [](World& w) { w.memory[kContext] |= 1ull << 50; }},
      {F::kLct3, "bit 71", Legacy, [](World& w) { w.memory[kContext + 8] |= 1 << 7; }},
      {F::kLct3, "bit 88", Legacy, [](World& w) { w.memory[kContext + 8] |= 1 << 24; }},
      {F::kLct3, "a domain id that the unit does not have (ND 0: 16 of them)", Legacy,
       [](World& w) { w.unit.cap &= ~7ull; }},
      {F::kLct4, "type 3 is reserved", Legacy, [](World& w) { w.memory[kContext] |= 3 << 2; }},
      {F::kLct4, "device TLBs without DT", Legacy, [](World& w) { w.memory[kContext] |= 1 << 2; }},
      {F::kLct4, "pass-through without PT", Legacy,
       [](World& w) { w.memory[kContext] |= 2 << 2, w.unit.ecap &= ~(1ull << 6); }},
      {F::kLct4, "width 0", Legacy, [](World& w) { w.memory[kContext + 8] = 0x7700; }},
      {F::kLct4, "width 4", Legacy, [](World& w) { w.memory[kContext + 8] = 0x7704; }},
      {F::kLct4, "width 3 without SAGAW 57", Legacy,
       [](World& w) { w.memory[kContext + 8] = 0x7703, w.unit.cap &= ~(8ull << 8); }},
      {F::kLct4, "no memory for the first table", Legacy,
       [](World& w) { w.memory.RemovePage(kLevel4); }},
      {F::kLsl1, "no memory for the second table", Legacy,
       [](World& w) { w.memory.RemovePage(kLevel3); }},
      {F::kLsl1, "no memory for the last table", Legacy,
       [](World& w) { w.memory.RemovePage(kLevel1); }},
      {F::kLsl2, "page size at level 4", Legacy, [](World& w) { w.memory[kLevel4] |= 0x80; }},
      {F::kLsl2, "1 GB without SLLPS", Legacy,
       [](World& w) { w.memory[kLevel3] = 0x8000'0083, w.unit.cap &= ~(2ull << 34); }},
      {F::kLsl2, "2 MB without SLLPS", Legacy,
       [](World& w) { w.memory[kLevel2] = 0x4000'0083, w.unit.cap &= ~(1ull << 34); }},
      {F::kLsl2, "2 MB page not aligned", Legacy,
       [](World& w) { w.memory[kLevel2] = 0x4000'1083; }},
      {F::kLsl2, "1 GB page not aligned", Legacy,
       [](World& w) { w.memory[kLevel3] = 0x8020'0083; }},
      {F::kLsl2, "snoop without SC", Legacy, [](World& w) { w.memory[kLevel1] |= 1 << 11; }},
      {F::kLsl2, "snoop in a table's entry", Legacy,
       [](World& w) { w.memory[kLevel2] |= 1 << 11, w.unit.ecap |= 1 << 7; }},
      {F::kLsl2, "transient mapping without DT", Legacy,
       [](World& w) { w.memory[kLevel1] |= 1ull << 62; }},
      {F::kLsl2, "transient mapping in a table's entry", Legacy,
       [](World& w) { w.memory[kLevel2] |= 1ull << 62, w.unit.ecap |= 1 << 2; }},
      {F::kLsl2, "page beyond the host's width", Legacy,
       [](World& w) { w.memory[kLevel1] |= 1ull << 51; }},
      {F::kLgn1, "beyond the context's width", Legacy,
       [](World& w) { w.request.address |= 1ull << 48; }},
      {F::kLgn1, "beyond MGAW", Legacy,
       [](World& w) { w.unit.cap = (w.unit.cap & ~(63ull << 16)) | 43ull << 16; }},
      {F::kLgn1, "pass-through beyond the host's width", Legacy,
       [](World& w) { w.memory[kContext] = 2 << 2 | 1, w.request.address = 1ull << 46; }},
      {F::kLgn2, "write to what is read-only at level 3", Legacy,
       [write](World& w) { write(w), w.memory[kLevel3] = 0x5001; }},
      {F::kLgn2, "write to nothing", Legacy,
       [write](World& w) { write(w), w.memory[kLevel1] = 0; }},
      {F::kLgn3, "read of what is write-only", Legacy,
       [](World& w) { w.memory[kLevel1] = 0xabcd'e002; }},
      {F::kLgn3, "read of nothing", Legacy, [](World& w) { w.memory[kLevel3] = 0; }},
      {F::kLgn4, "mapped to the interrupt range", Legacy,
       [](World& w) { w.memory[kLevel1] = 0xfee0'0003; }},

      {F::kSrt1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(0x1000); }},
      {F::kSrt2, "not present", ScalableSecond, [](World& w) { w.memory[kRoot] = 0x2000; }},
      {F::kSrt3, "bit 11", ScalableSecond, [](World& w) { w.memory[kRoot] |= 1 << 11; }},
      {F::kSrt3, "bit 46", ScalableSecond, [](World& w) { w.memory[kRoot] |= 1ull << 46; }},
      {F::kSct1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(0x2000); }},
      {F::kSct2, "not present", ScalableSecond,
       [](World& w) { w.memory[kScalableContext] = 0x7008; }},
      {F::kSct3, "bit 5", ScalableSecond, [](World& w) { w.memory[kScalableContext] |= 1 << 5; }},
      {F::kSct3, "directory beyond the host's width", ScalableSecond,
       [](World& w) { w.memory[kScalableContext] |= 1ull << 63; }},
      {F::kSct3, "bit 85", ScalableSecond,
       [](World& w) { w.memory[kScalableContext + 8] |= 1 << 21; }},
      {F::kSct3, "the last word", ScalableSecond,
       [](World& w) { w.memory[kScalableContext + 24] = 1; }},
      {F::kSct4, "RID_PASID 8192 of 8192", ScalableSecond,
       [](World& w) { w.memory[kScalableContext + 8] = 8192; }},
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
      {F::kSpt3, "second stage beyond the host's width", ScalableSecond,
       [](World& w) { w.memory[kPasid] |= 1ull << 46; }},
      {F::kSpt3, "first stage beyond the host's width", ScalableFirst,
       [](World& w) { w.memory[kPasid + 16] |= 1ull << 46; }},
      {F::kSpt3, "a domain id that the unit does not have", ScalableFirst,
       [](World& w) { w.unit.cap &= ~7ull; }},
      {F::kSpt4, "PGTT 0", ScalableSecond, [](World& w) { w.memory[kPasid] &= ~(7ull << 6); }},
      {F::kSpt4, "PGTT 5", ScalableSecond, [](World& w) { w.memory[kPasid] |= 5 << 6; }},
      {F::kSpt4, "second stage without SLTS", ScalableSecond,
       [](World& w) { w.unit.ecap &= ~(1ull << 46); }},
      {F::kSpt4, "first stage without FLTS", ScalableFirst,
       [](World& w) { w.unit.ecap &= ~(1ull << 47); }},
      {F::kSpt4, "nested without NEST", Nested, [](World& w) { w.unit.ecap &= ~(1ull << 26); }},
      {F::kSpt4, "pass-through without PT", Scalable,
       [](World& w) { w.memory.Put(kPasid, {4 << 6 | 1, 0x77}), w.unit.ecap &= ~(1ull << 6); }},
      {F::kSpt4, "AW 0", ScalableSecond, [](World& w) { w.memory[kPasid] &= ~(7ull << 2); }},
      {F::kSpt4, "FLPM 2", ScalableFirst, [](World& w) { w.memory[kPasid + 16] |= 2 << 2; }},
      {F::kSpt4, "five levels without FL5LP", ScalableFirst,
       [](World& w) { w.memory[kPasid + 16] |= 1 << 2, w.unit.cap &= ~(1ull << 60); }},
      {F::kSpt6, "RID_PRIV without SRE", ScalableFirst,
       [](World& w) { w.memory[kScalableContext + 8] |= 1 << 20; }},

      {F::kSfs1, "no memory", ScalableFirst, [](World& w) { w.memory.RemovePage(kLevel2); }},
      {F::kSfs2, "not present", ScalableFirst, [](World& w) { w.memory[kLevel2] = 0x6006; }},
      {F::kSfs3, "page size at level 4", ScalableFirst,
       [](World& w) { w.memory[kLevel4] |= 0x80; }},
      {F::kSfs3, "1 GB without FL1GP", ScalableFirst,
       [](World& w) { w.memory[kLevel3] = 0x8000'0087, w.unit.cap &= ~(1ull << 56); }},
      {F::kSfs3, "2 MB page not aligned", ScalableFirst,
       [](World& w) { w.memory[kLevel2] = 0x4000'2087; }},
      {F::kSfs3, "page beyond the host's width", ScalableFirst,
       [](World& w) { w.memory[kLevel1] |= 1ull << 46; }},
      {F::kSfs4, "no memory for the first table", ScalableFirst,
       [](World& w) { w.memory.RemovePage(kLevel4); }},
      {F::kSfs5, "first table beyond the second stage", Nested,
       [](World& w) { w.memory[kPasid + 16] = 1ull << 47; }},
      {F::kSfs5, "second table beyond the second stage", Nested,
       [](World& w) { w.memory[kLevel4] |= 1ull << 47; }},
      {F::kSfs6, "first table not readable", Nested,
       [](World& w) { w.memory[kNestedTables + 8 * 3] = 0x3002; }},
      {F::kSfs7, "last table not readable", Nested,
       [](World& w) { w.memory[kNestedTables + 8 * 6] = 0x6002; }},
      {F::kSss1, "no memory", ScalableSecond, [](World& w) { w.memory.RemovePage(kLevel1); }},
      {F::kSss2, "an entry grants nothing", ScalableSecond,
       [](World& w) { w.memory[kLevel3] = 0x5000; }},
      {F::kSss2, "two entries together grant nothing", ScalableSecond,
       [](World& w) { w.memory[kLevel3] = 0x5001, w.memory[kLevel2] = 0x6002; }},
      {F::kSss2, "a first-stage table is not mapped", Nested,
       [](World& w) { w.memory[kNestedTables + 8 * 4] = 0; }},
      {F::kSss3, "page beyond the host's width", ScalableSecond,
       [](World& w) { w.memory[kLevel1] |= 1ull << 46; }},
      {F::kSss4, "no memory for the first table", ScalableSecond,
       [](World& w) { w.memory.RemovePage(kLevel4); }},
      {F::kSgn1, "bit 47 without the bits above", ScalableFirst,
       [](World& w) { w.request.address |= 1ull << 47; }},
      {F::kSgn2, "a supervisor's page", ScalableFirst,
       [](World& w) { w.memory[kLevel1] = 0xabcd'e003; }},
      {F::kSgn4, "pass-through beyond the host's width", Scalable,
       [](World& w) { w.memory.Put(kPasid, {4 << 6 | 1, 0x77}), w.request.address = 1ull << 46; }},
      {F::kSgn5, "beyond the second stage's width", ScalableSecond,
       [](World& w) { w.request.address |= 1ull << 48; }},
      {F::kSgn5, "what the first stage gives is beyond the second", Nested,
       [](World& w) { w.memory[kLevel1] |= 1ull << 39; }},
      {F::kSgn6, "first stage, read-only", ScalableFirst,
       [write](World& w) { write(w), w.memory[kLevel3] = 0x5005; }},
      {F::kSgn6, "second stage, read-only", ScalableSecond,
       [write](World& w) { write(w), w.memory[kLevel1] = 0xabcd'e001; }},
      {F::kSgn6, "nested, the second stage is read-only", Nested,
       [write](World& w) { write(w), w.memory[kNestedLeaf] = 0x5'5555'5001; }},
      {F::kSgn7, "second stage, write-only", ScalableSecond,
       [](World& w) { w.memory[kLevel1] = 0xabcd'e002; }},
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
    EXPECT_EQ(outcome, VtdOutcome(test.fault))
        << test.claim << "\n  want " << test.fault << "\n  have " << seen.str();
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

}  // namespace
}  // namespace holdfast::hardware
