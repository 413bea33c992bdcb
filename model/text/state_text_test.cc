#include <gtest/gtest.h>

#include <random>
#include <string>
#include <variant>

#include "model/text/text.h"

namespace holdfast {
namespace {

const Topology kTopology = MakeTopology(1, 2, 2);

// A small preserved system: one deleted device slot, two live devices that share the IOMMU.
State Usual() {
  State state = InitialState(kTopology);
  state.files = 1;
  state.flb_refs = 1;
  state.flb.present = true;
  state.flb.domains = {{.domain = 0, .ref_count = 1}};
  state.flb.iommus = {Deleted<HwSlot>(), {.iommu = 0, .ref_count = 2}};
  state.flb.devices = {Deleted<DeviceSlot>(),
                       {.device = 0, .attachment = 0, .ref_count = 1, .domain = 0, .hw = 1},
                       {.device = 1, .attachment = 0, .ref_count = 1, .domain = 0, .hw = 1}};
  state.preserved_state[0] = 0;
  state.outgoing_preserved_state[0] = 1;
  state.device_ser[0] = 1;
  state.device_ser[1] = 2;
  state.kho = {.iommus = 1, .domains = 1, .devices = 3, .stray = 0};
  return state;
}
constexpr char kUsual[] = "domains[dom0] iommus[x iommu0*2] devices[x dev0:dom0 dev1:dom0]";

std::string ErrorOf(std::string_view text) {
  const Parsed<StateClaim> parsed = ParseState(text, kTopology);
  const TextError* error = std::get_if<TextError>(&parsed);
  return error == nullptr ? "no error" : std::to_string(error->column) + ": " + error->expected;
}

StateClaim Claim(std::string_view text) {
  const Parsed<StateClaim> parsed = ParseState(text, kTopology);
  EXPECT_TRUE(std::holds_alternative<StateClaim>(parsed)) << text << "\n" << ErrorOf(text);
  return std::holds_alternative<StateClaim>(parsed) ? std::get<StateClaim>(parsed) : StateClaim();
}

void ExpectText(const State& state, std::string_view text) {
  EXPECT_EQ(PrintState(state, kTopology), text);
  EXPECT_EQ(Claim(text).state, state) << text;
}

TEST(StateText, TheUsualStateIsItsThreeChains) {
  ExpectText(Usual(), kUsual);
  State empty = InitialState(kTopology);
  ExpectText(empty, "no-flb");
  empty.flb.present = true;
  empty.files = 1;
  empty.flb_refs = 1;
  ExpectText(empty, "domains[] iommus[] devices[]");
}

TEST(StateText, SectionsHaveTheirNamesApart) {
  State state = Usual();
  state.files = 3;
  state.frozen = true;
  state.incoming.lost = true;
  std::string text;
  for (const StateSection& section : PrintSections(state, kTopology))
    text += std::string(section.name) + ": " + section.value + "\n";
  EXPECT_EQ(text,
            "domains: [dom0]\niommus: [x iommu0*2]\ndevices: [x dev0:dom0 dev1:dom0]\n"
            "files: 3\nrefs: 1\nfrozen: [no-flb files=0]\nincoming: [none lost]\n");
  const std::vector<StateSection> empty = PrintSections(InitialState(kTopology), kTopology);
  ASSERT_EQ(empty.size(), 1u);
  EXPECT_EQ(empty[0].value, "no-flb");
}

TEST(StateText, WhatIsNotImpliedIsSaid) {
  State state = Usual();
  const auto expect = [](const State& changed, const std::string& more) {
    ExpectText(changed, kUsual + std::string(" ") + more);
  };
  state.files = 3;
  state.flb_refs = 4;
  expect(state, "files=3 refs=4");
  state = Usual();
  state.flb_refs = -1;
  expect(state, "refs=-1");
  state = Usual();
  state.preserved_state[0] = kStale;
  state.outgoing_preserved_state[0] = kWild;
  state.device_ser[0] = kNull;
  state.device_ser[1] = 0;
  expect(state, "pointers[dom0=stale iommu0=wild dev0=null dev1=#0]");
  state = Usual();
  state.kho = {.iommus = 0, .domains = 3, .devices = 2, .stray = 5};
  expect(state, "kho[+dom1 -iommu0 -dev0 stray=5]");
  state = Usual();
  state.owner_claims[0] = 0;
  expect(state, "owners[dev0=0]");
  state.owner_claims[1] = 0;
  expect(state, "owners[none]");
  state = Usual();
  state.attached[1] = 1;
  expect(state, "attached[dev1=dom1]");
  state.attached[0] = state.attached[1] = kNone;
  expect(state, "attached[none]");
  state = Usual();
  state.frozen = state.frozen_flb = true;
  state.frozen_files = 1;
  expect(state, "frozen");
  state.frozen_files = 2;
  expect(state, "frozen[flb files=2]");
  state.frozen = false;
  expect(state, "frozen[not flb files=2]");
  state = Usual();
  state.flb.damage = DamageBit(Damage::kCycle) | DamageBit(Damage::kGap);
  expect(state, "damage[cycle gap]");
  state = Usual();
  state.crashed = true;
  ExpectText(state, std::string("crashed ") + kUsual);
}

TEST(StateText, ADeviceSlotSaysWhatIsOddAboutIt) {
  State state = Usual();
  const auto expect = [&state](const std::string& slot) {
    ExpectText(state, "domains[dom0] iommus[x iommu0*2] devices[x dev0:dom0 " + slot + "]");
  };
  DeviceSlot& slot = state.flb.devices[2];
  slot.attachment = 1;
  expect("dev1:dom0/dom1");
  slot.attachment = kNone;
  expect("dev1:dom0/none");
  slot = {.device = 1, .attachment = 0, .ref_count = 1, .domain = kStale, .hw = 0};
  expect("dev1:stale@#0/dom0");
  slot = {.device = 1, .attachment = 0, .ref_count = 2, .domain = 0, .hw = kWild};
  expect("dev1:dom0@wild*2");
  slot = {.incoming = true,
          .device = 1,
          .attachment = kNone,
          .ref_count = 1,
          .domain = 7,
          .hw = 1,
          .dma_owner_token = 0x1f};
  expect("dev1:#7!incoming!token=0x1f");
}

TEST(StateText, ANameIsTheLastLiveSlotAndTheOthersHaveNumbers) {
  State state = Usual();
  state.flb.domains.push_back({.domain = 0, .ref_count = 1});
  state.preserved_state[0] = 1;
  state.flb.devices[2] = {.device = 0, .attachment = 0, .ref_count = 1, .domain = 1, .hw = 1};
  state.device_ser[0] = 2;
  state.device_ser[1] = kNull;
  state.kho.devices = 1;
  ExpectText(state, "domains[dom0 dom0] iommus[x iommu0*2] devices[x dev0:#0 dev0:dom0]");
}

TEST(StateText, ADeletedDomainUnderALiveDeviceIsNamedByNumber) {
  State state = Usual();
  state.flb.domains[0] = Deleted<DomainSlot>();
  state.preserved_state[0] = kNull;
  state.kho.domains = 0;
  ExpectText(state, "domains[x] iommus[x iommu0*2] devices[x dev0:#0/dom0 dev1:#0/dom0]");
}

TEST(StateText, TokensAreSaidOnce) {
  State state = Usual();
  state.flb.devices[1].dma_owner_token = DmaOwnerToken(0);
  state.flb.devices[2].dma_owner_token = DmaOwnerToken(1);
  ExpectText(state, kUsual + std::string(" tokens"));
  state.flb.devices[1].dma_owner_token = 0;
  ExpectText(state,
             "domains[dom0] iommus[x iommu0*2] devices[x dev0:dom0!token=0x0 dev1:dom0] tokens");
}

TEST(StateText, WhatWasHandedOverIsAStateOfItsOwn) {
  State state = InitialState(kTopology);
  state.incoming.status = Incoming::Status::kHandedOver;
  state.incoming.files = 1;
  state.incoming.flb = Usual().flb;
  ExpectText(state, "no-flb incoming[handed-over " + std::string(kUsual) + "]");
  state.incoming.flb.Clear();
  state.incoming.lost = true;
  state.incoming.files = 2;
  ExpectText(state, "no-flb incoming[handed-over files=2 lost]");
  state.incoming = {
      .status = Incoming::Status::kFailed, .lost = false, .error = -ENOMEM, .files = 1, .flb = {}};
  ExpectText(state, "no-flb incoming[failed error=-ENOMEM]");
  state.incoming = {
      .status = Incoming::Status::kFinished, .lost = false, .error = 0, .files = 0, .flb = {}};
  ExpectText(state, "no-flb incoming[finished]");
}

// Any State that Fits its topology, however odd.
State RandomState(std::mt19937& random, const Topology& topology) {
  const auto below = [&random](std::size_t n) { return static_cast<unsigned>(random() % n); };
  const auto rarely = [&below] { return below(6) == 0; };
  const auto index = [&](std::size_t n) {
    return static_cast<std::uint8_t>(rarely() || n == 0 ? kNone : below(n));
  };
  const auto ref = [&] { return static_cast<SlotRef>(static_cast<int>(below(8)) - 3); };
  const auto count = [&] { return rarely() ? below(5) : 1u; };
  const auto make_flb = [&] {
    Flb flb;
    flb.present = !rarely();
    if (rarely()) flb.damage = static_cast<std::uint8_t>(below(32));
    if (!flb.present && !rarely()) return flb;
    for (unsigned n = below(4); n > 0; --n) {
      HwSlot slot{.deleted = rarely(),
                  .incoming = rarely(),
                  .iommu = index(topology.iommus.size()),
                  .ref_count = count()};
      flb.iommus.push_back(rarely() ? Deleted<HwSlot>() : slot);
    }
    for (unsigned n = below(4); n > 0; --n) {
      DomainSlot slot{.deleted = rarely(),
                      .incoming = rarely(),
                      .domain = index(topology.domains.size()),
                      .ref_count = count()};
      flb.domains.push_back(rarely() ? Deleted<DomainSlot>() : slot);
    }
    for (unsigned n = below(4); n > 0; --n) {
      DeviceSlot slot{.deleted = rarely(),
                      .incoming = rarely(),
                      .device = index(topology.devices.size()),
                      .attachment = index(topology.domains.size()),
                      .ref_count = count(),
                      .domain = ref(),
                      .hw = ref()};
      if (below(2) == 0)
        slot.dma_owner_token = slot.device == kNone ? random() : DmaOwnerToken(slot.device);
      flb.devices.push_back(rarely() ? Deleted<DeviceSlot>() : slot);
    }
    return flb;
  };
  State state = InitialState(topology);
  state.crashed = rarely();
  state.frozen = rarely();
  state.frozen_flb = rarely();
  if (rarely()) state.frozen_files = static_cast<std::uint16_t>(below(3));
  state.files = static_cast<std::uint16_t>(below(3));
  state.flb_refs = static_cast<std::int16_t>(static_cast<int>(below(5)) - 1);
  state.flb = make_flb();
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    if (topology.devices[i].group == i) state.owner_claims[i] = static_cast<std::uint8_t>(below(3));
    state.attached[i] = index(topology.domains.size());
    state.device_ser[i] = ref();
  }
  for (std::size_t i = 0; i < topology.domains.size(); ++i) state.preserved_state[i] = ref();
  for (std::size_t i = 0; i < topology.iommus.size(); ++i)
    state.outgoing_preserved_state[i] = ref();
  state.kho.iommus = static_cast<std::uint8_t>(below(std::size_t{1} << topology.iommus.size()));
  state.kho.domains = static_cast<std::uint8_t>(below(std::size_t{1} << topology.domains.size()));
  state.kho.devices = static_cast<std::uint16_t>(below(std::size_t{1} << topology.devices.size()));
  if (rarely()) state.kho.stray = static_cast<std::uint16_t>(below(9));
  if (rarely()) {
    state.incoming = {.status = static_cast<Incoming::Status>(below(5)),
                      .lost = rarely(),
                      .error = static_cast<std::int16_t>(rarely() ? -ENOMEM : 0),
                      .files = static_cast<std::uint16_t>(below(3)),
                      .flb = make_flb()};
  }
  for (std::size_t i = 0; rarely() && i < topology.devices.size(); ++i)
    state.restored_ser[i] = ref();
  return state;
}

TEST(StateText, EveryStateRoundTripsHoweverOdd) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const Topology topology = MakeTopology(1 + i % 3, i % 5, i % 4);
    const State state = RandomState(random, topology);
    const std::string text = PrintState(state, topology);
    const Parsed<StateClaim> parsed = ParseState(text, topology);
    ASSERT_TRUE(std::holds_alternative<StateClaim>(parsed)) << text << "\n"
                                                            << std::get<TextError>(parsed).expected;
    const StateClaim& claim = std::get<StateClaim>(parsed);
    ASSERT_EQ(claim.state, state) << text << "\n" << PrintState(claim.state, topology);
    ASSERT_TRUE(Satisfies(state, claim, topology)) << text;
    ASSERT_EQ(PrintClaim(claim, topology), text);
  }
}

TEST(StateClaim, OnlyWhatIsSaidIsClaimed) {
  State state = Usual();
  state.flb_refs = 7;
  EXPECT_TRUE(Satisfies(state, Claim(kUsual), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim(kUsual + std::string(" refs=1")), kTopology));
  EXPECT_TRUE(Satisfies(state, Claim("refs=7"), kTopology));
  EXPECT_TRUE(
      Satisfies(state, Claim("owners[] attached[] damage[] incoming[none] files=1"), kTopology));
  EXPECT_TRUE(Satisfies(state, Claim(kUsual + std::string(" pointers[] kho[]")), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim(kUsual + std::string(" pointers[dev0=null]")), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim(kUsual + std::string(" kho[-dev0]")), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim("frozen"), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim("crashed"), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim("no-flb"), kTopology));
  EXPECT_FALSE(Satisfies(InitialState(kTopology), Claim("domains[]"), kTopology));
}

TEST(StateClaim, DevicesAloneMayNameDomainsByName) {
  const State state = Usual();
  EXPECT_TRUE(Satisfies(state, Claim("devices[x dev0:dom0 dev1:dom0]"), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim("devices[x dev0:dom0 dev1:dom1]"), kTopology));
  EXPECT_FALSE(Satisfies(state, Claim("devices[x dev0:dom0]"), kTopology));
  EXPECT_EQ(PrintState(Claim("devices[dev0:dom0 dev1:dom0]").state, kTopology),
            "domains[dom0] iommus[iommu0*2] devices[dev0:dom0 dev1:dom0]");
}

TEST(StateClaim, TokensAreClaimedOnlyIfNamed) {
  State state = Usual();
  state.flb.devices[1].dma_owner_token = DmaOwnerToken(0);
  state.flb.devices[2].dma_owner_token = DmaOwnerToken(1);
  EXPECT_TRUE(Satisfies(state, Claim(kUsual), kTopology));
  EXPECT_FALSE(Satisfies(Usual(), Claim(kUsual + std::string(" tokens")), kTopology));
  state.flb.devices[1].dma_owner_token = 0;
  EXPECT_FALSE(Satisfies(state, Claim(kUsual), kTopology));
}

TEST(StateClaim, MistakesAreNamedWithTheirColumn) {
  EXPECT_EQ(ErrorOf(""), "1: a section such as devices[dev0:dom0]; found nothing");
  EXPECT_EQ(ErrorOf("domain[]"), "1: a section such as devices[dev0:dom0]; found 'domain[]'");
  EXPECT_EQ(ErrorOf("lost"), "1: a section such as devices[dev0:dom0]; found 'lost'");
  EXPECT_EQ(ErrorOf("domains[dom0"), "13: ']'; found nothing");
  EXPECT_EQ(ErrorOf("domains[] domains[]"), "11: each section once; found 'domains[]'");
  EXPECT_EQ(ErrorOf("domains[]iommus[]"), "10: a blank; found 'iommus[]'");
  EXPECT_EQ(ErrorOf("domains[dom2]"), "9: a domain of the topology, dom0 or dom1; found 'dom2'");
  EXPECT_EQ(ErrorOf("domains[dom0x]"), "9: a domain of the topology, dom0 or dom1; found 'dom0x'");
  EXPECT_EQ(ErrorOf("domains[] devices[dev0:dom0]"),
            "24: a domain with a live record in domains[...]; found 'dom0'");
  EXPECT_EQ(ErrorOf("devices[dev0]"), "13: ':'; found ']'");
  EXPECT_EQ(ErrorOf("devices[dev0:gone]"),
            "14: a reference: #0 and so on, null, stale or wild; found 'gone'");
  EXPECT_EQ(ErrorOf("iommus[iommu0*4294967296]"),
            "15: a reference count, 0 to 4294967295; found '4294967296'");
  EXPECT_EQ(ErrorOf("iommus[iommu0!token=0x1]"), "15: incoming; found 'token=0x1'");
  EXPECT_EQ(ErrorOf("files="), "7: a number; found nothing");
  EXPECT_EQ(ErrorOf("refs=-x"), "7: a number, 0 to 32768; found 'x'");
  EXPECT_EQ(ErrorOf("pointers[]"),
            "10: domains[...], iommus[...] and devices[...] too, or no-flb; found ']'");
  EXPECT_EQ(ErrorOf("no-flb pointers[dev0=null dev0=null]"),
            "27: each object once; found 'dev0=null'");
  EXPECT_EQ(ErrorOf("no-flb kho[dom0]"), "12: + or - and an object, or stray=; found 'dom0'");
  EXPECT_EQ(ErrorOf("incoming[]"),
            "10: a status: none, handed-over, retrieved, failed or finished; found ']'");
  EXPECT_EQ(ErrorOf("incoming[none incoming[none]]"),
            "15: a section such as devices[dev0:dom0]; found 'incoming[none]'");
  EXPECT_EQ(ErrorOf("devices[] tokens"),
            "17: no tokens, as no record has its device's; found nothing");
}

}  // namespace
}  // namespace holdfast
