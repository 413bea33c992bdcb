#include "sut/kernel/machine/caller.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sut/kernel/machine/locks.h"

int holdfast_stops_at_points = 0;

namespace holdfast::kernel {

// On the process's heap, because the object's own data is saved and restored.
struct LockNumbers {
  const void* others[kLockCount - kOtherLock] = {};  // by number
};

namespace {

LockNumber NumberOf(const void* lock) {
  if (lock == &machine().luo) return kLuoLock;
  for (int i = 0; i < machine().device_count; ++i) {
    if (lock == &machine().devices[i]->group.mutex) return static_cast<LockNumber>(i);
  }
  // The lock is the first member of the FLB's object, in each version of the kernel's code.
  if (lock == machine().luo.obj || lock == machine().luo.incoming.obj) return kFlbLock;
  LockNumber number = kOtherLock;
  for (; number < kLockCount - 1; ++number) {
    const void*& other = g_call->lock_numbers->others[number - kOtherLock];
    if (!other) other = lock;
    if (other == lock) break;
  }
  return number;
}

// The part of a context that a call's future depends on.
constexpr std::size_t kContextSize = offsetof(CallContext, serial);

template <typename T>
void AppendValue(std::vector<std::byte>& bytes, const T& value) {
  const std::byte* from = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof(value));
}
template <typename T>
const std::byte* ReadValue(const std::byte* bytes, T& value) {
  std::memcpy(static_cast<void*>(&value), bytes, sizeof(value));
  return bytes + sizeof(value);
}

bool Accesses(const Point& point) {
  return point.kind == Point::Kind::kAccess || point.kind == Point::Kind::kPlain;
}

}  // namespace

void Caller::Begin(void (*function)(void*), void* argument) {
  Rehearsal* const rehearsal = context_.rehearsal;
  std::memset(static_cast<void*>(&context_), 0, kContextSize);
  context_.rehearsal = rehearsal;
  context_.lock_numbers = g_call->lock_numbers;
  context_.accesses = g_call->accesses;
  context_.caller = this;
  context_.number = static_cast<std::uint8_t>(number_ + 1);
  fiber_.Start(function, argument);
}

void Caller::GiveUp() {
  fiber_.GiveUp();
  at_ = Point();
  awaited_ = nullptr;
  held_locks_ = held_spinlocks_ = 0;
  std::fill(std::begin(held_), std::end(held_), nullptr);
}

void Caller::Exchange() {
  Machine& m = machine();
  std::swap(m.held_locks, held_locks_);
  std::swap(m.held_spinlocks, held_spinlocks_);
  std::swap(m.held, held_);
}

void Caller::GoOn() {
  CallContext* const nobodys = g_call;
  at_ = Point();
  Exchange();
  g_call = &context_;
  holdfast_stops_at_points = 1;
  fiber_.Resume();
  holdfast_stops_at_points = 0;
  g_call = nobodys;
  Exchange();
}

LockSet Caller::LocksOf(struct mutex* const* held, int count) const {
  LockSet locks = 0;
  for (int i = 0; i < count; ++i) locks |= LockBit(NumberOf(held[i]));
  if (machine().luo.in_callback == number_ + 1) locks |= LockBit(kLuoLock);
  return locks;
}

LockSet Caller::Holds() const { return LocksOf(held_, held_locks_); }
LockSet Caller::HoldsNow() const { return LocksOf(machine().held, machine().held_locks); }

void Caller::StopAt(const Point& point) {
  at_ = point;
  fiber_.Suspend();
}

void Caller::StopBefore(const Access& access) {
  next_ = access;
  StopAt({access.marked ? Point::Kind::kAccess : Point::Kind::kPlain, 0});
}

void Caller::Await(const void* lock, Free free) {
  awaited_ = lock;
  free_ = free;
  StopAt({Point::Kind::kLock, NumberOf(lock)});
  awaited_ = nullptr;
}

void Caller::Append(std::vector<std::byte>& bytes) const {
  AppendValue(bytes, held_locks_);
  AppendValue(bytes, held_spinlocks_);
  for (int i = 0; i < held_locks_; ++i) AppendValue(bytes, held_[i]);
  const auto used = under_way() ? fiber_.used() : std::span<const std::byte>();
  AppendValue(bytes, static_cast<std::uint32_t>(used.size()));
  if (used.empty()) return;
  bytes.insert(bytes.end(), used.begin(), used.end());
  const std::byte* context = reinterpret_cast<const std::byte*>(&context_);
  bytes.insert(bytes.end(), context, context + kContextSize);
  AppendValue(bytes, at_);
  if (Accesses(at_)) AppendValue(bytes, next_);
  AppendValue(bytes, awaited_);
  AppendValue(bytes, free_);
}

const std::byte* Caller::Read(const std::byte* bytes) {
  GiveUp();
  bytes = ReadValue(bytes, held_locks_);
  bytes = ReadValue(bytes, held_spinlocks_);
  for (int i = 0; i < held_locks_; ++i) bytes = ReadValue(bytes, held_[i]);
  std::uint32_t size;
  bytes = ReadValue(bytes, size);
  if (size == 0) return bytes;
  fiber_.Restore({bytes, size});
  bytes += size;
  std::memcpy(static_cast<void*>(&context_), bytes, kContextSize);
  bytes = ReadValue(bytes + kContextSize, at_);
  if (Accesses(at_)) bytes = ReadValue(bytes, next_);
  bytes = ReadValue(bytes, awaited_);
  return ReadValue(bytes, free_);
}

void StopHere(Point::Kind kind, const void* lock) {
  if (!g_call->caller) return;
  g_call->caller->StopAt({kind, lock ? NumberOf(lock) : LockNumber{0}});
}

bool Await(const void* lock, std::uint32_t holder, Caller::Free free) {
  if (!g_call->caller || holder == g_call->number) return false;
  g_call->caller->Await(lock, free);
  return true;
}

void RenumberLocks() {
  if (!g_call->lock_numbers) g_call->lock_numbers = new LockNumbers;  // for the process's life
  *g_call->lock_numbers = LockNumbers();
  if (!g_call->accesses) g_call->accesses = new AccessLog;
}

// An access that is told is on no stack of a caller's own, and not the second half of a READ_ONCE.
void PassAccess(const void* address, std::size_t size, bool write, const void* code) {
  Caller* const caller = g_call->caller;
  AccessLog& log = *g_call->accesses;
  if (!caller || size == 0 || caller->OnStack(address)) return;
  if (address == log.marked) {
    log.marked = nullptr;
    return;
  }
  const Access access = {.address = address,
                         .code = code,
                         .size = static_cast<std::uint16_t>(std::min<std::size_t>(size, 0xffff)),
                         .write = write,
                         .locks = caller->HoldsNow()};
  if (++log.passed == log.stop_before) caller->StopBefore(access);
  if (log.accesses.size() < Callers::kMostAccesses) log.accesses.push_back(access);
}

}  // namespace holdfast::kernel

extern "C" void holdfast_stop_before_access(const volatile void* address, unsigned long size,
                                            int write) {
  using namespace holdfast::kernel;
  if (!g_call->caller) return;
  const holdfast::Access access = {.address = const_cast<const void*>(address),
                                   .code = __builtin_return_address(0),
                                   .size = static_cast<std::uint16_t>(size),
                                   .write = write != 0,
                                   .marked = true,
                                   .locks = g_call->caller->HoldsNow()};
  g_call->caller->StopBefore(access);
  AccessLog& log = *g_call->accesses;
  if (log.accesses.size() < holdfast::Callers::kMostAccesses) log.accesses.push_back(access);
  log.marked = access.address;
}
