#include "sut/kernel/machine/fiber.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstring>

namespace holdfast::kernel {
namespace {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

constexpr std::size_t kGuard = 4096;  // traps when a stack overflows

}  // namespace

// The first frame of a fiber, which nothing returns from.
struct FiberEntry {
  static void Run(transfer_t from) {
    Fiber& fiber = *static_cast<Fiber*>(from.data);
    fiber.back_ = from.fctx;
    fiber.function_(fiber.argument_);
    jump_fcontext(fiber.back_, nullptr);
    abort();
  }
};

Fiber::Fiber() {
  void* memory = mmap(nullptr, kGuard + kSize, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, kGuard, PROT_NONE) != 0) {
    perror("holdfast: the stack of a caller");
    abort();
  }
  stack_ = static_cast<std::byte*>(memory) + kGuard;
}

Fiber::~Fiber() { munmap(stack_ - kGuard, kGuard + kSize); }

void Fiber::Tidy(std::byte* end) const {
  std::byte* const start = top() - kTidied;
  if (end > start) std::memset(start, 0, static_cast<std::size_t>(end - start));
}

void Fiber::Start(void (*function)(void*), void* argument) {
  function_ = function;
  argument_ = argument;
  Tidy(top());
  at_ = make_fcontext(top(), kSize, FiberEntry::Run);
}

void Fiber::Resume() {
  void* const at = at_;
  at_ = nullptr;
  const transfer_t from = jump_fcontext(at, this);
  // set by Suspend, if the function is suspended and has not returned
  if (from.data) at_ = from.fctx;
}

void Fiber::Suspend() { back_ = jump_fcontext(back_, this).fctx; }

std::span<const std::byte> Fiber::used() const {
  const std::byte* at = static_cast<const std::byte*>(at_);
  return {at, static_cast<std::size_t>(top() - at)};
}

void Fiber::Restore(std::span<const std::byte> used) {
  std::byte* at = top() - used.size();
  std::memcpy(at, used.data(), used.size());
  Tidy(at);
  at_ = at;
}

}  // namespace holdfast::kernel
