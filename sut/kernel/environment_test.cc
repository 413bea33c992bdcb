// The kernel environment by itself: locks, memory, KHO's bitmap, crashes and faults.
#include <gtest/gtest.h>
#include <linux/err.h>
#include <linux/kexec_handover.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <functional>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/locks.h"
#include "sut/kernel/machine/memory.h"

extern "C" int held_inside_guard(struct mutex* lock);  // headers_as_c.c
extern "C" int allocate_and_free_in_c();

namespace holdfast::kernel {
namespace {

class Environment : public testing::Test {
 protected:
  Environment() {
    PowerOn();
    CatchSignals();
    ClearMachine();
  }

  // Runs the body as a call; true if it returned.
  bool Call(const std::function<void()>& body, const Fault& fault = {}) {
    outcome_ = Outcome();
    const auto run = [](void* argument) {
      (*static_cast<const std::function<void()>*>(argument))();
    };
    return RunContained(fault, outcome_, run, const_cast<std::function<void()>*>(&body));
  }
  bool Found(Finding finding) const { return outcome_.findings == FindingBit(finding); }

  Outcome outcome_;
  struct mutex lock_ = {HOLDFAST_MUTEX_MAGIC, 0};
};

TEST_F(Environment, GuardHoldsToTheEndOfTheBlockInBothLanguages) {
  EXPECT_TRUE(Call([&] {
    {
      guard(mutex)(&lock_);
      EXPECT_TRUE(mutex_is_locked(&lock_));
    }
    EXPECT_FALSE(mutex_is_locked(&lock_));
    EXPECT_TRUE(held_inside_guard(&lock_));
    EXPECT_FALSE(mutex_is_locked(&lock_));
  }));
  EXPECT_EQ(outcome_.findings, 0);
  EXPECT_FALSE(outcome_.warned);
}

TEST_F(Environment, LockOfANullObjectIsACrash) {
  EXPECT_FALSE(Call([] { mutex_lock(nullptr); }));
}

TEST_F(Environment, LockTakenTwiceIsACrash) {
  EXPECT_FALSE(Call([&] {
    mutex_lock(&lock_);
    mutex_lock(&lock_);
  }));
}

TEST_F(Environment, LockThatWasNeverInitialisedIsACrash) {
  struct mutex zero = {0, 0};
  EXPECT_FALSE(Call([&] { mutex_lock(&zero); }));
}

TEST_F(Environment, UnlockWithoutTheLockIsFound) {
  EXPECT_TRUE(Call([&] { mutex_unlock(&lock_); }));
  EXPECT_TRUE(Found(Finding::kLockOrder));
}

TEST_F(Environment, UnlockOfAFreedLockIsFound) {
  EXPECT_TRUE(Call([] {
    auto* lock = kzalloc_obj(struct mutex);
    mutex_init(lock);
    mutex_lock(lock);
    kfree(lock);
    mutex_unlock(lock);
  }));
  EXPECT_TRUE(Found(Finding::kLockOrder));
}

TEST_F(Environment, AssertionOfALockThatIsNotHeldWarns) {
  EXPECT_TRUE(Call([&] { lockdep_assert_held(&lock_); }));
  EXPECT_TRUE(outcome_.warned);
}

TEST_F(Environment, SleepUnderASpinlockIsFound) {
  spinlock_t spin = {0};
  EXPECT_TRUE(Call([&] {
    guard(spinlock)(&spin);
    kfree(kzalloc(8, GFP_ATOMIC));
  }));
  EXPECT_EQ(outcome_.findings, 0);
  EXPECT_TRUE(Call([&] {
    guard(spinlock)(&spin);
    kfree(kzalloc(8, GFP_KERNEL));
  }));
  EXPECT_TRUE(Found(Finding::kSleepInAtomic));
}

TEST_F(Environment, PagePreservedTwiceIsUnpreservedByOneCall) {
  struct folio* page = reinterpret_cast<struct folio*>(PageAddress(DeviceTablePage(3)));
  kho_preserve_folio(page);
  kho_preserve_folio(page);
  EXPECT_TRUE(machine().preserved.Has(DeviceTablePage(3)));
  kho_unpreserve_folio(page);
  EXPECT_FALSE(machine().preserved.Has(DeviceTablePage(3)));
}

TEST_F(Environment, AllocatedPagesAreZeroedPreservedAndAPowerOfTwo) {
  auto* memory = static_cast<unsigned char*>(kho_alloc_preserve(2 * kPageSize + 1));
  const int page = PageOf(memory);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(machine().preserved.Has(page + i)) << i;
  EXPECT_FALSE(machine().preserved.Has(page + 4));
  for (std::size_t i = 0; i < 4 * kPageSize; ++i) ASSERT_EQ(memory[i], 0);
  kho_unpreserve_free(memory);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(machine().freed.Has(page + i)) << i;
  const Unwatched unwatched;
  EXPECT_EQ(memory[0], kPoison);
  EXPECT_EQ(memory[4 * kPageSize - 1], kPoison);
}

TEST_F(Environment, PageFreedTwiceIsFound) {
  EXPECT_TRUE(Call([] {
    void* page = kho_alloc_preserve(kPageSize);
    kho_unpreserve_free(page);
    kho_unpreserve_free(page);
  }));
  EXPECT_TRUE(Found(Finding::kPageUnpreservedTwice));
}

TEST_F(Environment, PagesAreUsedAgainOnlyWhenThePoolIsUsedUp) {
  void* first = kho_alloc_preserve(kPageSize);
  kho_unpreserve_free(first);
  for (int i = 1; i < kArenaPages - kFirstPoolPage; ++i) {
    void* page = kho_alloc_preserve(kPageSize);
    ASSERT_FALSE(IS_ERR(page)) << i;
    ASSERT_NE(page, first);
  }
  EXPECT_EQ(kho_alloc_preserve(kPageSize), first);
  EXPECT_EQ(static_cast<unsigned char*>(first)[100], 0);
  EXPECT_EQ(PTR_ERR(kho_alloc_preserve(kPageSize)), -ENOMEM);
}

TEST_F(Environment, OnlyPreservedPagesComeOverKexec) {
  void* kept = kho_alloc_preserve(kPageSize);
  void* dropped = kho_alloc_preserve(kPageSize);
  kho_unpreserve_folio(virt_to_folio(dropped));
  HandOverMemory();
  EXPECT_EQ(kho_restore_folio(virt_to_phys(kept)), virt_to_folio(kept));
  EXPECT_EQ(kho_restore_folio(virt_to_phys(dropped)), nullptr);
  EXPECT_EQ(kho_restore_folio(virt_to_phys(kept) + 1), nullptr);
  EXPECT_FALSE(machine().preserved.Has(PageOf(kept)));
}

TEST_F(Environment, PhysicalAddressesDoNotDependOnTheProcess) {
  EXPECT_EQ(virt_to_phys(kho_alloc_preserve(kPageSize)), PhysicalOfPage(kFirstPoolPage));
  EXPECT_EQ(phys_to_virt(PhysicalOfPage(kFirstPoolPage)), PageAddress(kFirstPoolPage));
}

TEST_F(Environment, PhysicalMemoryIsOutOfOrderAndAboveFourGigabytes) {
  int backwards = 0;
  for (int page = 0; page < kArenaPages; ++page) {
    EXPECT_GE(PhysicalOfPage(page), 0x1'0000'0000u);
    EXPECT_EQ(PageOfPhysical(PhysicalOfPage(page)), page);
    EXPECT_EQ(PageOfPhysical(PhysicalOfPage(page) + kPageSize - 1), page);
    backwards += page > 0 && PhysicalOfPage(page) < PhysicalOfPage(page - 1);
  }
  EXPECT_GT(backwards, 3);
  EXPECT_EQ(PageOfPhysical(PhysicalOfPage(0) - 1), -1);
  EXPECT_EQ(PageOfPhysical(PhysicalOfPage(kBankPages - 1) + kPageSize), -1);
}

TEST_F(Environment, PagesOfOneAllocationAreInARow) {
  for (int i = 0; i < 40; ++i) {
    const auto* pages = static_cast<const char*>(kho_alloc_preserve(5 * kPageSize));
    ASSERT_NE(pages, nullptr);
    EXPECT_EQ(virt_to_phys(pages + 4 * kPageSize), virt_to_phys(pages) + 4 * kPageSize);
  }
}

TEST_F(Environment, PhysicalAddressOfNothingTraps) {
  EXPECT_FALSE(Call([] { *static_cast<volatile char*>(phys_to_virt(0)) = 1; }));
  EXPECT_FALSE(Call([] { *static_cast<volatile char*>(phys_to_virt(~0ull)) = 1; }));
}

TEST_F(Environment, ObjectsAreZeroedAndPoisonedAndFreedOnce) {
  EXPECT_TRUE(allocate_and_free_in_c());
  auto* bytes = static_cast<unsigned char*>(kzalloc(100, GFP_KERNEL));
  EXPECT_EQ(bytes[99], 0);
  kfree(bytes);
  const Unwatched unwatched;
  EXPECT_EQ(bytes[0], kPoison);
  EXPECT_FALSE(Call([&] { kfree(bytes); }));
  int local = 0;
  EXPECT_FALSE(Call([&] { kfree(&local); }));
}

TEST_F(Environment, ObjectMemoryDoesNotRunOutWhenItIsFreed) {
  for (int i = 0; i < 20000; ++i) {
    void* object = kzalloc(64, GFP_KERNEL);
    ASSERT_NE(object, nullptr) << i;
    kfree(object);
  }
}

TEST_F(Environment, FaultFiresAtItsPassAndNoOther) {
  const Fault second = {.site = FaultSite::kKhoAlloc, .nth = 2, .error = -EIO};
  EXPECT_TRUE(Call(
      [] {
        EXPECT_FALSE(IS_ERR(kho_alloc_preserve(kPageSize)));
        EXPECT_EQ(PTR_ERR(kho_alloc_preserve(kPageSize)), -EIO);
        EXPECT_FALSE(IS_ERR(kho_alloc_preserve(kPageSize)));
        EXPECT_NE(kzalloc(8, GFP_KERNEL), nullptr);
      },
      second));
  EXPECT_TRUE(outcome_.fault_fired);
}

TEST_F(Environment, WarnOnceWarnsOnceAndIsStillTrue) {
  const auto warn_once = [](bool condition) { return WARN_ON_ONCE(condition); };
  EXPECT_TRUE(Call([&] { EXPECT_TRUE(warn_once(true)); }));
  EXPECT_TRUE(outcome_.warned);
  EXPECT_TRUE(Call([&] { EXPECT_TRUE(warn_once(true)); }));
  EXPECT_FALSE(outcome_.warned);
}

// An address that no compiler sees through.
volatile int* volatile wild = reinterpret_cast<volatile int*>(8);

TEST_F(Environment, BadAccessesAreContainedAgainAndAgain) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(Call([] { *wild = 1; }));
    EXPECT_FALSE(Call([] { BUG(); }));
    EXPECT_FALSE(Call([] { __builtin_trap(); }));
    EXPECT_TRUE(Call([] {}));
  }
}

TEST_F(Environment, TablePagesAreAddressesOnly) {
  EXPECT_FALSE(
      Call([] { *reinterpret_cast<volatile char*>(PageAddress(DomainTablePage(0))) = 1; }));
}

}  // namespace
}  // namespace holdfast::kernel
