// Callers at once of the simulated kernel: each runs KernelSut::Run on a stack of its own.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_CALLERS_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_CALLERS_H_

#include <array>

#include "sut/callers.h"
#include "sut/kernel/machine/caller.h"

namespace holdfast::kernel {

class KernelSut;

class KernelCallers : public Callers {
 public:
  explicit KernelCallers(KernelSut& sut);

  void Begin(int caller, const Command& command) override;
  void GoOn(int caller) override;
  void StopBefore(std::uint32_t n) override;
  std::span<const Access> Accesses() const override;
  const Access& Next(int caller) const override;
  Point At(int caller) const override;
  bool CanGoOn(int caller) const override;
  LockSet Holds(int caller) const override;
  const Outcome& OutcomeOf(int caller) const override;
  void Save(Snapshot& snapshot) override;
  void Restore(const Snapshot& snapshot) override;

  // Ends all calls under way, as if they had not begun.
  void GiveUp();

 private:
  // Plain data: a snapshot copies its bytes.
  struct Call {
    KernelSut* sut;
    Command command;
    Outcome outcome;
  };
  struct One {
    explicit One(int number) : caller(static_cast<std::uint8_t>(number)) {}
    Caller caller;
    Call call = {};
  };
  static void RunCall(void* call);

  const One& at(int caller) const { return ones_[static_cast<std::size_t>(caller)]; }
  One& at(int caller) { return ones_[static_cast<std::size_t>(caller)]; }

  KernelSut& sut_;
  std::uint32_t stop_before_ = 0;
  std::array<One, kMaxCallers> ones_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_CALLERS_H_
