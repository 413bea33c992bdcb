// The counterexample is a product: its text is tested as such, from a mutant and fixed
// seeds.

#include <gtest/gtest.h>

#include "properties/conformance/conformance.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

// The reference on the IOMMU is not dropped when preserve_device fails.
constexpr char kD15[] =
    R"(# mutant.d15 breaks R2 counted.
profile v3
topology iommu0(dev0) dom0
preserve_file                                           = 0
preserve_domain dom0                                    = 0
preserve_device dom0 dev0 fail=iommu.preserve_device    = -ENOMEM
preserve_device dom0 dev0 fail=iommu.preserve_device        R2 counted
  calls      model  iommu.preserve iommu0 hw#0, iommu.preserve_device dev0 device#0 = -ENOMEM, iommu.unpreserve iommu0 hw#0
             sut    iommu.preserve iommu0 hw#0, iommu.preserve_device dev0 device#0 = -ENOMEM
  iommus     model  [x]
             sut    [iommu0]
  queries    model  iommu0=null
             sut    iommu0=#0
  rules      sut    R2 counted, R5 atomic
)";

TEST(Golden, CounterexampleOfD15ReadsAsWritten) {
  const std::unique_ptr<Sut> sut = Loaded("mutant.d15");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto shrunk = FindDivergence(*sut, On("v3"), Mode::kContract, 2000, seed);
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(PrintCounterexample(shrunk->minimal, shrunk->claim), kD15);
  }
}

}  // namespace
}  // namespace holdfast
