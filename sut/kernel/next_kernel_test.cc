// What the environment has for the restoring side: paging domains, and owners of groups.
#include <gtest/gtest.h>
#include <linux/err.h>
#include <linux/generic_pt/iommu.h>

#include <functional>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/memory.h"

namespace holdfast::kernel {
namespace {

// A device in a group of its own, and nothing else.
class NextKernel : public testing::Test {
 protected:
  NextKernel() {
    PowerOn();
    CatchSignals();
    ClearMachine();
    object_ = NewObject<DeviceObject>();
    machine().devices[machine().device_count++] = object_;
    object_->attached = kNone;
    object_->pci.dev.iommu = &object_->data;
    object_->pci.dev.iommu_group = &object_->group;
    object_->group.devices = 1;
    mutex_init(&object_->group.mutex);
    machine().world_top = machine().heap_top;
  }

  // Runs the body as a call; true if it returned.
  bool Call(const std::function<void()>& body) {
    outcome_ = Outcome();
    const auto run = [](void* argument) {
      (*static_cast<const std::function<void()>*>(argument))();
    };
    return RunContained({}, outcome_, run, const_cast<std::function<void()>*>(&body));
  }
  struct device* device() { return &object_->pci.dev; }

  DeviceObject* object_;
  Outcome outcome_;
};

TEST_F(NextKernel, PagingDomainLivesUntilItIsFreedOnce) {
  struct iommu_domain* domain = nullptr;
  EXPECT_TRUE(Call([&] { domain = iommu_paging_domain_alloc(device()); }));
  ASSERT_FALSE(IS_ERR(domain));
  EXPECT_EQ(machine().heap_live, 1u);
  ASSERT_NE(iommupt_from_domain(domain), nullptr);
  EXPECT_NE(iommupt_from_domain(domain)->ops->restore, nullptr);
  EXPECT_TRUE(Call([&] { iommu_domain_free(domain); }));
  EXPECT_EQ(machine().heap_live, 0u);
  EXPECT_FALSE(Call([&] { iommu_domain_free(domain); }));
}

TEST_F(NextKernel, PagingDomainNeedsADriver) {
  object_->pci.dev.iommu = nullptr;
  EXPECT_TRUE(Call([&] { EXPECT_EQ(PTR_ERR(iommu_paging_domain_alloc(device())), -ENODEV); }));
}

TEST_F(NextKernel, GroupHasOneOwnerAtATime) {
  int mine = 0, other = 0;
  EXPECT_TRUE(Call([&] {
    EXPECT_EQ(iommu_device_claim_dma_owner(device(), &mine), 0);
    EXPECT_EQ(iommu_device_claim_dma_owner(device(), &mine), 0);
    EXPECT_EQ(iommu_device_claim_dma_owner(device(), &other), -EPERM);
    EXPECT_EQ(iommu_group_claim_dma_owner(&object_->group, &mine), -EPERM);
    iommu_device_release_dma_owner(device());
    EXPECT_TRUE(iommu_group_dma_owner_claimed(&object_->group));
    iommu_group_release_dma_owner(&object_->group);
    EXPECT_EQ(iommu_group_claim_dma_owner(&object_->group, &other), 0);
  }));
  EXPECT_FALSE(outcome_.warned);
  EXPECT_TRUE(Call([&] { EXPECT_EQ(iommu_device_claim_dma_owner(device(), nullptr), -EINVAL); }));
  EXPECT_TRUE(outcome_.warned);
}

TEST_F(NextKernel, GroupVisitsItsDevicesUntilOneStops) {
  int visits = 0;
  const auto visit = [](struct device*, void* data) { return ++*static_cast<int*>(data); };
  EXPECT_EQ(iommu_group_for_each_dev(&object_->group, &visits, visit), 1);
  EXPECT_EQ(visits, 1);
  EXPECT_EQ(iommu_get_domain_for_dev(device()), nullptr);
}

}  // namespace
}  // namespace holdfast::kernel
