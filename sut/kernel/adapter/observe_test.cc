// The decoder on memory that a test damaged: the decoder reports the damage, and neither hangs nor
// crashes.
#include <gtest/gtest.h>
#include <linux/io.h>

#include <cstring>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/luo.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/machine/poison.h"
#include "sut/kernel/world.h"
#include "sut/kernel/adapter/observe.h"

namespace holdfast::kernel {
namespace {

constexpr const RecordLayout& kRecords = kBinding.layout;

class Decoder : public testing::Test {
 protected:
  // Domain 0 and the first device of each of two IOMMUs are preserved.
  Decoder() : observer_(kBinding) {
    PowerOn();
    CatchSignals();
    ClearMachine();
    BuildWorld(MakeTopology(2, 4, 2), Luo::kStageC, kBinding);
    RegisterFlb(kBinding);
    Outcome outcome;
    EXPECT_TRUE(RunContained({}, outcome, [](void*) { Preserve(); }, nullptr));
    Look();
    before_ = seen_.state;
  }

  static void Preserve() {
    Machine& m = machine();
    struct iommu_domain_ser* ser = nullptr;
    u64 physical = 0;
    EXPECT_EQ(PreserveFile(), 0);
    EXPECT_EQ(kBinding.preserve_domain(m.domains[0], &ser), 0);
    for (int device = 0; device < 2; ++device) {
      EXPECT_EQ(kBinding.preserve_device(m.domains[0], &m.devices[device]->pci.dev, 1, &physical),
                0);
    }
  }

  const Flb& Look() {
    observer_.Observe(seen_);
    return seen_.state.flb;
  }

  static std::byte* Top() { return PageAddress(PageOfPhysical(machine().luo.data)); }
  static std::byte* FirstPage(Chain chain) {
    return PageAddress(PageOfPhysical(Load<std::uint64_t>(Top(), ChainOffset(kRecords, chain))));
  }
  static std::byte* Slot(Chain chain, int number) {
    return FirstPage(chain) + kRecords.array_header + RecordSize(kRecords, chain) * number;
  }
  template <typename T>
  static void Store(std::byte* record, std::size_t offset, T value) {
    std::memcpy(record + offset, &value, sizeof(value));
  }
  static std::uint64_t Physical(const std::byte* at) { return virt_to_phys(at); }

  Observer observer_;
  Observation seen_;
  State before_;
};

TEST_F(Decoder, SoundMemoryIsSound) {
  const Flb& flb = Look();
  EXPECT_EQ(flb.damage, 0);
  ASSERT_EQ(flb.devices.size(), 2u);
  EXPECT_EQ(flb.devices[1].device, 1);
  EXPECT_EQ(flb.devices[1].domain, 0);
  EXPECT_EQ(flb.devices[1].hw, 1);
  EXPECT_EQ(flb.devices[1].attachment, 0);
  EXPECT_EQ(flb.iommus[1].iommu, 1);
  EXPECT_EQ(flb.domains[0].domain, 0);
  EXPECT_EQ(seen_.state.device_ser[1], 1);
  EXPECT_EQ(seen_.state.kho.devices, 3);
  EXPECT_EQ(seen_.state.kho.iommus, 3);
  EXPECT_EQ(seen_.state.kho.domains, 1);
  EXPECT_EQ(seen_.state.kho.stray, 0);
}

TEST_F(Decoder, NextPageThatIsNoPageIsBad) {
  for (const std::uint64_t next :
       {std::uint64_t{1}, kPhysicalBase, ~std::uint64_t{0}, PhysicalOfPage(kArenaPages - 1),
        PhysicalOfPage(kFirstTablePage), Physical(Top()) + 8}) {
    Store(FirstPage(Chain::kDomain), kRecords.next_array_phys, next);
    EXPECT_TRUE(Look().damage & DamageBit(Damage::kBadPage)) << std::hex << next;
    EXPECT_EQ(seen_.state.flb.domains.size(), 1u);
  }
}

TEST_F(Decoder, TopRecordThatIsNoPageIsBad) {
  machine().luo.data += 8;
  EXPECT_EQ(Look().damage, DamageBit(Damage::kBadPage));
  EXPECT_EQ(seen_.state.device_ser[0], kWild);
}

TEST_F(Decoder, ChainThatComesBackIsACycle) {
  for (const Chain target : {Chain::kDevice, Chain::kHw}) {
    Store(FirstPage(Chain::kDevice), kRecords.next_array_phys, Physical(FirstPage(target)));
    EXPECT_TRUE(Look().damage & DamageBit(Damage::kCycle));
    EXPECT_EQ(seen_.state.flb.devices.size(), 2u);
  }
  Store(FirstPage(Chain::kDevice), kRecords.next_array_phys, Physical(Top()));
  EXPECT_TRUE(Look().damage & DamageBit(Damage::kCycle));
}

TEST_F(Decoder, CountAboveTheCapacityIsOverfullAndReadToTheCapacity) {
  for (const std::uint64_t count : {std::uint64_t{kRecords.hw_capacity() + 1}, ~std::uint64_t{0}}) {
    Store(FirstPage(Chain::kHw), kRecords.nr_objects, count);
    EXPECT_EQ(Look().damage, DamageBit(Damage::kOverfull));
    EXPECT_EQ(seen_.state.flb.iommus.size(), kRecords.hw_capacity());
  }
}

TEST_F(Decoder, PageThatWouldNotSurviveIsUnpreserved) {
  machine().preserved.Remove(PageOf(FirstPage(Chain::kDomain)));
  EXPECT_EQ(Look().damage, DamageBit(Damage::kUnpreserved));
  EXPECT_EQ(seen_.state.kho.stray, 0);
}

TEST_F(Decoder, PageBeforeTheLastThatIsNotFullIsAGap) {
  machine().allocated.Add(kArenaPages - 1);
  machine().preserved.Add(kArenaPages - 1);
  machine().next_page = kArenaPages;
  Unpoison(PageAddress(kArenaPages - 1), kPageSize);
  Store(FirstPage(Chain::kDomain), kRecords.next_array_phys, PhysicalOfPage(kArenaPages - 1));
  EXPECT_EQ(Look().damage, DamageBit(Damage::kGap));
}

TEST_F(Decoder, PreservedPageThatBelongsToNothingIsStray) {
  machine().allocated.Add(kArenaPages - 1);
  machine().preserved.Add(kArenaPages - 1);
  machine().next_page = kArenaPages;
  Unpoison(PageAddress(kArenaPages - 1), kPageSize);
  Look();
  EXPECT_EQ(seen_.state.kho.stray, 1);
}

TEST_F(Decoder, ReferenceToNoSlotIsWildAndToFreedMemoryStale) {
  std::byte* device = Slot(Chain::kDevice, 0);
  const auto domain_of = [&](std::uint64_t physical) {
    Store(device, kRecords.device_domain_phys, physical);
    return Look().devices[0].domain;
  };
  EXPECT_EQ(domain_of(Physical(Slot(Chain::kDomain, 0))), 0);
  EXPECT_EQ(domain_of(0), kNull);
  EXPECT_EQ(domain_of(Physical(Slot(Chain::kDomain, 0)) + 1), kWild);
  EXPECT_EQ(domain_of(Physical(Slot(Chain::kDomain, 1))), kWild);  // not given out yet
  EXPECT_EQ(domain_of(Physical(Slot(Chain::kHw, 0))), kWild);      // of another chain
  EXPECT_EQ(domain_of(Physical(FirstPage(Chain::kDomain))), kWild);
  EXPECT_EQ(domain_of(Physical(Top())), kWild);
  EXPECT_EQ(domain_of(12345), kWild);
  machine().freed.Add(kArenaPages - 1);
  EXPECT_EQ(domain_of(PhysicalOfPage(kArenaPages - 1) + 16), kStale);
}

TEST_F(Decoder, RecordOfNothingThatExistsHasNoName) {
  Store(Slot(Chain::kHw, 0), kRecords.hw_token, std::uint64_t{77});
  Store(Slot(Chain::kDomain, 0), kRecords.domain_top_table, PhysicalOfPage(DomainTablePage(2)));
  Store(Slot(Chain::kDevice, 0), kRecords.device_pci_domain_nr, std::uint32_t{99});
  Store(Slot(Chain::kDevice, 1), kRecords.device_attachment_id, AttachmentId(5));
  const Flb& flb = Look();
  EXPECT_EQ(flb.iommus[0].iommu, kNone);
  EXPECT_EQ(flb.domains[0].domain, kNone);
  EXPECT_EQ(flb.devices[0].device, kNone);
  EXPECT_EQ(flb.devices[1].attachment, kNone);
}

TEST_F(Decoder, DeletedRecordIsCanonicalWhateverIsInIt) {
  Store(Slot(Chain::kDevice, 0), kRecords.flags, kRecords.deleted_flag | kRecords.incoming_flag);
  EXPECT_EQ(Look().devices[0], Deleted<DeviceSlot>());
}

TEST_F(Decoder, QueryIsNotAskedThroughAPointerToNothing) {
  machine().devices[0]->data.device_ser = reinterpret_cast<struct iommu_device_ser*>(8);
  // the query crashes on it
  machine().devices[1]->pci.dev.iommu = reinterpret_cast<struct dev_iommu*>(8);
  Look();
  EXPECT_EQ(seen_.state.device_ser[0], kWild);
  EXPECT_EQ(seen_.queries.device[0], kWild);
  EXPECT_EQ(seen_.queries.device[1], kWild);
}

TEST_F(Decoder, IncomingRecordIsNoAnswerOfTheQuery) {
  Store(Slot(Chain::kDevice, 0), kRecords.flags, kRecords.incoming_flag);
  EXPECT_TRUE(Look().devices[0].incoming);
  EXPECT_EQ(seen_.queries.device[0], kNull);
  EXPECT_EQ(seen_.queries.device[1], 1);
}

TEST_F(Decoder, LookingChangesNothing) {
  Look();
  EXPECT_EQ(seen_.state, before_);
}

}  // namespace
}  // namespace holdfast::kernel
