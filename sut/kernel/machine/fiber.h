// A stack of its own for a function that stops in the middle and goes on later.
//
// The stack stays at one address for the life of the process. So the bytes in use, copied back,
// bring the function back to the place where it stood: all its registers are on the stack too
// (boost/context/detail/fcontext.hpp; the public class over it would unwind a fiber that is given
// up, and the kernel's C code has nothing to unwind with).
//
// The stack below the bytes in use is zero down to kTidied bytes from the top. So two fibers that
// stand at one place by two ways are equal in the bytes that their function never set.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_FIBER_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_FIBER_H_

#include <cstddef>
#include <span>

namespace holdfast::kernel {

class Fiber {
 public:
  static constexpr std::size_t kSize = 64 * 1024;
  static constexpr std::size_t kTidied = 8 * 1024;

  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;

  // The function runs at the first Resume. A function that was there is given up.
  void Start(void (*function)(void*), void* argument);
  // Runs the function until it suspends itself or returns.
  void Resume();
  // Called by the function.
  void Suspend();
  void GiveUp() { at_ = nullptr; }

  bool suspended() const { return at_ != nullptr; }
  bool Has(const void* address) const { return address >= stack_ && address < top(); }
  // The bytes in use of a function that is suspended.
  std::span<const std::byte> used() const;
  void Restore(std::span<const std::byte> used);

 private:
  std::byte* top() const { return stack_ + kSize; }
  void Tidy(std::byte* end) const;

  std::byte* stack_;
  void* at_ = nullptr;    // where the function stands
  void* back_ = nullptr;  // where Resume stands, while the function runs
  void (*function_)(void*) = nullptr;
  void* argument_ = nullptr;

  friend struct FiberEntry;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_FIBER_H_
