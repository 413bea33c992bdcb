#include <gtest/gtest.h>

#include <random>
#include <string>
#include <variant>

#include "model/text/text.h"

namespace holdfast {
namespace {

std::string ErrorOf(std::string_view text) {
  const Parsed<Topology> parsed = ParseTopology(text);
  const TextError* error = std::get_if<TextError>(&parsed);
  return error == nullptr ? "no error" : std::to_string(error->column) + ": " + error->expected;
}

std::string Canonical(std::string_view text) {
  const Parsed<Topology> parsed = ParseTopology(text);
  const Topology* topology = std::get_if<Topology>(&parsed);
  return topology == nullptr ? ErrorOf(text) : PrintTopology(*topology);
}

Topology RandomTopology(std::mt19937& random) {
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  Topology topology = MakeTopology(static_cast<int>(1 + below(kMaxIommus)),
                                   static_cast<int>(below(kMaxDevices + 1)),
                                   static_cast<int>(below(kMaxDomains + 1)));
  for (Iommu& iommu : topology.iommus)
    iommu.missing_ops = static_cast<std::uint8_t>(below(3) == 0 ? below(16) : 0);
  for (Domain& domain : topology.domains) {
    domain.missing_ops = static_cast<std::uint8_t>(below(4) * OpBit(Op::kPtPreserve));
  }
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    Device& device = topology.devices[i];
    device.bus = static_cast<Bus>(below(kBusCount));
    device.probed = below(4) != 0;
    device.iommu = static_cast<std::uint8_t>(below(static_cast<unsigned>(topology.iommus.size())));
    if (below(5) == 0) device.group = kNone;
    const std::uint8_t other = static_cast<std::uint8_t>(below(static_cast<unsigned>(i + 1)));
    if (topology.devices[other].group == other) {
      device = {.iommu = topology.devices[other].iommu,
                .group = other,
                .bus = device.bus,
                .probed = device.probed};
    }
  }
  return topology;
}

TEST(TopologyText, EveryValidTopologyRoundTrips) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const Topology topology = RandomTopology(random);
    ASSERT_TRUE(topology.Valid());
    EXPECT_EQ(ParseTopology(PrintTopology(topology)), Parsed<Topology>(topology))
        << PrintTopology(topology);
  }
  EXPECT_EQ(ParseTopology(PrintTopology(Topology())), Parsed<Topology>(Topology()));
}

TEST(TopologyText, PrintsOneCanonicalForm) {
  EXPECT_EQ(Canonical("iommu0(dev0 dev1:nonpci) iommu1:no-unpreserve(dev2) dom0 dom1:no-ops"),
            "iommu0(dev0 dev1:nonpci) iommu1:no-unpreserve(dev2) dom0 dom1:no-ops");
  EXPECT_EQ(Canonical("dom0  iommu1() \t iommu0( dev1 dev0 )"), "iommu0(dev0 dev1) iommu1 dom0");
  EXPECT_EQ(Canonical("iommu0(dev0:no-group:unprobed,bus=platform)"),
            "iommu0(dev0:nonpci,unprobed,no-group)");
  EXPECT_EQ(Canonical("iommu0(dev2:group=dev0 dev1:bus=amba dev0:bus=pci)"),
            "iommu0(dev0 dev1:bus=amba dev2:group=dev0)");
  EXPECT_EQ(Canonical("iommu0:no-unpreserve-device,no-preserve dom0:no-unpreserve,no-preserve "
                      "dom1:no-preserve"),
            "iommu0:no-preserve,no-unpreserve-device dom0:no-ops dom1:no-preserve");
}

TEST(TopologyText, MistakesAreNamedWithTheirColumn) {
  EXPECT_EQ(ErrorOf("iommu8"), "1: one of iommu0 to iommu7; found 'iommu8'");
  EXPECT_EQ(ErrorOf("iommu0(dev16)"), "8: one of dev0 to dev15; found 'dev16'");
  EXPECT_EQ(ErrorOf("dom8"), "1: one of dom0 to dom7; found 'dom8'");
  EXPECT_EQ(ErrorOf("iommu0 iommu0"), "8: each iommu once; found 'iommu0'");
  EXPECT_EQ(ErrorOf("iommu0(dev0) iommu1(dev0)"), "21: each dev once; found 'dev0'");
  EXPECT_EQ(ErrorOf("iommu1"), "7: iommu0 too, because there is iommu1; found nothing");
  EXPECT_EQ(ErrorOf("iommu0(dev1)"), "13: dev0 too, because there is dev1; found nothing");
  EXPECT_EQ(ErrorOf("iommu0(dev0"), "12: a blank or ')'; found nothing");
  EXPECT_EQ(ErrorOf("iommu0(dev0)dom0"), "13: a blank; found 'dom0'");
  EXPECT_EQ(ErrorOf("dev0"), "1: an IOMMU or a domain, such as iommu0(dev0) or dom0; found 'dev0'");
  EXPECT_EQ(ErrorOf("dom0:nonpci"),
            "6: a domain's trait: no-ops, no-preserve or no-unpreserve; found 'nonpci'");
  EXPECT_EQ(ErrorOf("dom0:no-ops,no-preserve"), "13: each trait once; found 'no-preserve'");
  EXPECT_EQ(ErrorOf("iommu0(dev0:nonpci,bus=amba)"), "20: one trait of a kind; found 'bus=amba'");
  EXPECT_EQ(ErrorOf("iommu0(dev0:bus=isa)"),
            "17: a bus: pci, platform, amba, fsl-mc, host1x or cdx; found 'isa'");
  EXPECT_EQ(ErrorOf("iommu0(dev0:unprobed:unprobed)"), "22: one trait of a kind; found 'unprobed'");
  EXPECT_EQ(ErrorOf("iommu0(dev0 dev1:nice)"),
            "18: a device's trait: nonpci, bus=, unprobed, no-group or group=; found 'nice'");
}

TEST(TopologyText, AGroupIsNamedByItsLowestDeviceBehindTheSameIommu) {
  const std::string expected = "the lowest device of a group behind the same IOMMU";
  EXPECT_EQ(ErrorOf("iommu0(dev0:group=dev1 dev1)"), "19: " + expected + "; found 'dev1'");
  EXPECT_EQ(ErrorOf("iommu0(dev0) iommu1(dev1:group=dev0)"), "32: " + expected + "; found 'dev0'");
  EXPECT_EQ(ErrorOf("iommu0(dev0 dev1:group=dev0 dev2:group=dev1)"),
            "40: " + expected + "; found 'dev1'");
  EXPECT_EQ(ErrorOf("iommu0(dev0:no-group dev1:group=dev0)"), "33: " + expected + "; found 'dev0'");
}

}  // namespace
}  // namespace holdfast
