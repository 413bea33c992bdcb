// The rules over states. Each test spoils one thing in a sound state and names what must break.
#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "model/rules/rule_fixtures.h"
#include "model/rules/rules.h"

namespace holdfast {
namespace {

TEST_F(StateRules, SoundStateBreaksNothingAndChecksAllButGhosts) {
  EXPECT_EQ(Broken(), "");
  EXPECT_EQ(Checked(), "R1 R2 R3 R4 R7 R8 R11");
}

TEST_F(StateRules, EmptyStateChecksGhostsOnly) {
  state = HandmadeState(topology);
  EXPECT_EQ(Broken(), "");
  EXPECT_EQ(Checked(), "R9");
}

TEST_F(StateRules, FileAloneHasNoRecordsToCheck) {
  state = HandmadeState(topology);
  AddFile(state);
  EXPECT_EQ(Broken(), "");
  EXPECT_EQ(Checked(), "R8 R11");
}

TEST_F(StateRules, DeletedSlotsBesideTheLiveOnesBreakNothing) {
  state.flb.iommus.push_back(Deleted<HwSlot>());
  state.flb.domains.push_back(Deleted<DomainSlot>());
  state.flb.devices.push_back(Deleted<DeviceSlot>());
  EXPECT_EQ(Broken(), "");
}

// R1

TEST_F(StateRules, DeviceHeldByTheWrongIommuBreaksHeld) {
  state.flb.iommus[0].ref_count = 2;
  std::swap(state.flb.devices[0].hw, state.flb.devices[1].hw);  // the counts stay right
  EXPECT_EQ(Broken(), "R1");
}

TEST_F(StateRules, WithdrawnPointerBreaksHeldAndCounted) {
  state.outgoing_preserved_state[1] = kNull;
  EXPECT_EQ(Broken(), "R1 R2");
}

TEST_F(StateRules, PointerToDeletedHwBreaksHeldCountedAndClosed) {  // D1
  state.flb.iommus[1] = Deleted<HwSlot>();
  state.kho.iommus = 0b01;
  EXPECT_EQ(Broken(), "R1 R2 R3");
}

// R2

TEST_F(StateRules, CountOffByOneBreaksCounted) {
  state.flb.iommus[0].ref_count = 3;
  EXPECT_EQ(Broken(), "R2");
  state.flb.iommus[0].ref_count = 1;
  EXPECT_EQ(Broken(), "R2");
  state.flb.iommus[0].ref_count = 2;
  EXPECT_EQ(Broken(), "");
}

TEST_F(StateRules, LiveHwThatNothingNamesBreaksCounted) {
  state.flb.devices[1] = Deleted<DeviceSlot>();
  state.device_ser[1] = kNull;
  state.kho.devices = 0b101;
  for (std::uint32_t count : {0u, 1u}) {
    state.flb.iommus[1].ref_count = count;
    EXPECT_EQ(Broken(), "R2");
  }
}

// D1, before anything trips over it
TEST_F(StateRules, PointerToDeletedHwThatNothingNamesBreaksCounted) {
  state = HandmadeState(topology);
  AddFile(state);
  state.flb.iommus.push_back(Deleted<HwSlot>());
  EXPECT_EQ(Broken(), "");
  state.outgoing_preserved_state[0] = 0;
  EXPECT_EQ(Broken(), "R2");
}

TEST_F(StateRules, SecondLiveHwOfOneIommuBreaksCounted) {
  state.flb.iommus.push_back({.iommu = 0, .ref_count = 0});
  EXPECT_EQ(Broken(), "R2");
}

TEST_F(StateRules, DomainsAndDevicesCountOne) {
  state.flb.domains[0].ref_count = 2;
  EXPECT_EQ(Broken(), "R2");
  state.flb.domains[0].ref_count = 1;
  state.flb.devices[0].ref_count = 0;
  EXPECT_EQ(Broken(), "R2");
}

// R3

TEST_F(StateRules, DomainUnpreservedInUseBreaksClosed) {  // D7
  state.flb.domains[0] = Deleted<DomainSlot>();
  state.preserved_state[0] = kNull;
  state.kho.domains = 0b10;
  EXPECT_EQ(Broken(), "R3");
}

TEST_F(StateRules, DomainUnpreservedOutOfUseBreaksNothing) {
  state.flb.domains[1] = Deleted<DomainSlot>();
  state.preserved_state[1] = kNull;
  state.kho.domains = 0b01;
  EXPECT_EQ(Broken(), "");
}

TEST_F(StateRules, AttachmentOfAnotherDomainBreaksClosed) {  // D16
  state.flb.devices[0].attachment = 1;
  EXPECT_EQ(Broken(), "R3");
  state.flb.devices[0].domain = 1;
  EXPECT_EQ(Broken(), "");
}

TEST_F(StateRules, DomainOfAnFlbThatIsGoneBreaksClosed) {
  for (SlotRef ref : {kNull, kStale, kWild, SlotRef{2}, SlotRef{32767}}) {
    state.flb.devices[0].domain = ref;
    EXPECT_EQ(Broken(), "R3") << ref;
  }
}

TEST_F(StateRules, PointerToAnotherDomainsRecordBreaksClosed) {
  AddDomain(state, 1);
  state.flb.domains[1] = Deleted<DomainSlot>();
  EXPECT_EQ(Broken(), "");
  state.preserved_state[0] = 1;  // deleted; and dom0's record is an orphan by it
  EXPECT_EQ(Broken(), "R3 R8");
}

TEST_F(StateRules, IncomingMarkBreaksClosed) {
  state.flb.devices[2].incoming = true;
  EXPECT_EQ(Broken(), "R3");
  state.flb.devices[2].incoming = false;
  state.flb.domains[1].incoming = true;
  EXPECT_EQ(Broken(), "R3");
  state.flb.domains[1].incoming = false;
  state.flb.iommus[1].incoming = true;
  EXPECT_EQ(Broken(), "R3");
}

TEST_F(StateRules, RecordOfNoObjectBreaksClosed) {
  for (std::uint8_t nobody : {std::uint8_t{3}, std::uint8_t{200}, kNone}) {
    state = FullState(topology);
    state.flb.devices.push_back(
        {.device = nobody, .attachment = 0, .ref_count = 1, .domain = 0, .hw = 0});
    state.flb.iommus[0].ref_count = 3;
    EXPECT_EQ(Broken(), "R3");
  }
  state = FullState(topology);
  state.flb.domains.push_back({.domain = 2, .ref_count = 1});
  EXPECT_EQ(Broken(), "R3");
  state = FullState(topology);
  state.flb.iommus.push_back({.iommu = 2, .ref_count = 1});
  EXPECT_EQ(Broken(), "R2 R3");  // no pointer can be to it
}

// R4

TEST_F(StateRules, SecondLiveRecordOfADeviceBreaksUnique) {  // D2, as v3 leaves it
  AddDevice(topology, state, 0);
  EXPECT_EQ(Broken(), "R4");
}

TEST_F(StateRules, LiveRecordWithoutPointerBreaksUnique) {
  state.device_ser[0] = kNull;
  EXPECT_EQ(Broken(), "R4");
}

TEST_F(StateRules, PointerWithoutLiveRecordBreaksUnique) {
  state.flb.devices.push_back(Deleted<DeviceSlot>());
  state.device_ser[0] = 3;
  EXPECT_EQ(Broken(), "R4");
  state = HandmadeState(topology);
  AddFile(state);
  state.device_ser[2] = 0;
  EXPECT_EQ(Broken(), "R4");
}

// R7

TEST_F(StateRules, DamageBreaksAppendOnly) {
  state.flb.damage = DamageBit(Damage::kBadPage);
  EXPECT_EQ(Broken(), "R7");
  state.flb.damage = 0;
  state.incoming.flb.damage = DamageBit(Damage::kCycle);
  EXPECT_EQ(Broken(), "R7");
}

// R8

TEST_F(StateRules, PageOfALiveRecordThatIsNotPreservedBreaksPages) {
  for (int kind = 0; kind < 3; ++kind) {
    state = FullState(topology);
    if (kind == 0) state.kho.iommus = 0b01;
    if (kind == 1) state.kho.domains = 0b01;
    if (kind == 2) state.kho.devices = 0b011;
    EXPECT_EQ(Broken(), "R8") << kind;
  }
}

TEST_F(StateRules, PageOfNothingThatIsPreservedBreaksPages) {
  state.kho.stray = 1;
  EXPECT_EQ(Broken(), "R8");
  state = HandmadeState(topology);
  state.kho.devices = 1;
  EXPECT_EQ(Broken(), "R8");
}

TEST_F(StateRules, SecondLiveRecordOfADomainBreaksPages) {  // D3
  AddDomain(state, 1);
  EXPECT_EQ(Broken(), "R8");
}

// R9

TEST_F(StateRules, PointerWithoutFlbBreaksGhostsAlone) {  // D12, D17, but for the pages
  for (SlotRef ref : {kStale, kWild, SlotRef{0}}) {
    for (int kind = 0; kind < 3; ++kind) {
      state = HandmadeState(topology);
      if (kind == 0) state.preserved_state[0] = ref;
      if (kind == 1) state.device_ser[0] = ref;
      if (kind == 2) state.outgoing_preserved_state[0] = ref;
      EXPECT_EQ(Broken(), "R9") << ref << " " << kind;
    }
  }
}

TEST_F(StateRules, PointerIntoAnEarlierFlbBreaksGhosts) {
  state = HandmadeState(topology);
  AddFile(state);
  state.device_ser[0] = kStale;
  EXPECT_EQ(Broken(), "R9");
  state.device_ser[0] = kNull;
  state.preserved_state[0] = kWild;
  EXPECT_EQ(Broken(), "R9");
  state.preserved_state[0] = kNull;
  state.outgoing_preserved_state[0] = kStale;
  EXPECT_EQ(Broken(), "R2 R9");
}

TEST_F(StateRules, RecordsWithoutFlbBreakGhosts) {
  state = HandmadeState(topology);
  state.flb.devices.push_back(Deleted<DeviceSlot>());
  EXPECT_EQ(Broken(), "R9");
  state = HandmadeState(topology);
  AddDomain(state, 0);
  EXPECT_EQ(Broken(), "R8 R9");  // and what they own is no excuse for a page
}

// R11

TEST_F(StateRules, ReferenceNeverPutBreaksBalanced) {  // D4
  state.flb_refs = 2;
  EXPECT_EQ(Broken(), "R11");
  state.files = 2;
  EXPECT_EQ(Broken(), "");
}

TEST_F(StateRules, FlbAndFilesComeAndGoTogether) {
  DropFlb(state);
  EXPECT_EQ(Broken(), "");
  state.files = 1;
  EXPECT_EQ(Broken(), "R11");
  state.flb_refs = 1;
  EXPECT_EQ(Broken(), "R11");
  state.flb.present = true;
  EXPECT_EQ(Broken(), "");
  state.files = 0;
  state.flb_refs = 0;
  EXPECT_EQ(Broken(), "R11");
}

TEST_F(StateRules, WithTheOptionOffFilesHoldNoFlb) {
  profile.config_enabled = false;
  state = HandmadeState(topology);
  state.files = 3;
  EXPECT_EQ(Broken(), "");
  state.flb_refs = 3;
  EXPECT_EQ(Broken(), "R11");
}

// Any State is legal input. Built with sanitizers, this is where an index out of memory would show.
TEST_F(StateRules, GarbageIsJudgedAndNotIndexed) {
  std::mt19937 random(1);
  const auto ref = [&] {
    return static_cast<SlotRef>(random() % 4 ? static_cast<int>(random() % 6) - 3
                                             : static_cast<int>(random()));
  };
  const auto object = [&] {
    return static_cast<std::uint8_t>(random() % 4 ? random() % 4 : random());
  };
  for (int run = 0; run < 20000; ++run) {
    State garbage;
    garbage.flb.present = random() % 4;
    garbage.flb.iommus.resize(random() % 5);
    garbage.flb.domains.resize(random() % 5);
    garbage.flb.devices.resize(random() % 5);
    for (auto& slot : garbage.flb.iommus)
      slot = {.deleted = random() % 4 == 0, .iommu = object(), .ref_count = object()};
    for (auto& slot : garbage.flb.domains)
      slot = {.deleted = random() % 4 == 0, .domain = object(), .ref_count = object()};
    for (auto& slot : garbage.flb.devices) {
      slot = {.deleted = random() % 4 == 0,
              .device = object(),
              .attachment = object(),
              .domain = ref(),
              .hw = ref()};
    }
    for (auto& pointer : garbage.preserved_state) pointer = ref();
    for (auto& pointer : garbage.device_ser) pointer = ref();
    for (auto& pointer : garbage.outgoing_preserved_state) pointer = ref();
    const RuleCheck check = CheckState(topology, profile, garbage);
    EXPECT_EQ(check.broken & ~check.checked, 0u);
    EXPECT_NE(check.broken, 0u);
    Queries queries = {.device = garbage.device_ser, .iommu = garbage.outgoing_preserved_state};
    CheckQueries(topology, profile, garbage, queries);
  }
}

}  // namespace
}  // namespace holdfast
