// The arena's memory as the adapter sees it; the kernel's own calls on it are in linux/slab.h and
// linux/kexec_handover.h.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_MEMORY_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_MEMORY_H_

#include <vector>

#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// Maps the arena and makes the machine and the call. Once for the life of the process; again does
// nothing.
void PowerOn();

// While one of these lives the environment itself may read and write all of the arena, what is
// freed and what was never given out too; then that is poisoned again (poison.h). Not while the
// kernel's code runs. Does nothing without AddressSanitizer.
class Unwatched {
 public:
  Unwatched();
  ~Unwatched();
  Unwatched(const Unwatched&) = delete;

 private:
  std::uint32_t heap_top_, next_page_;  // of the machine, when it began
};

// Empties the machine, for a world to be built in.
void ClearMachine();

// Zeroed memory for an object of the world, for as long as the machine is not cleared. Not a fault
// site.
void* AllocateObject(std::size_t size);

template <typename T>
T* NewObject() {
  return static_cast<T*>(AllocateObject(sizeof(T)));
}

// The object that kzalloc made, by its header at that offset of the arena: the first is at
// world_top, each next one at the end of the one before.
struct HeapBlock {
  std::size_t start, end;  // offsets in the arena
  bool live;               // not freed
};
HeapBlock HeapBlockAt(std::size_t offset);

// `count` pages of the pool in a row, zeroed and not yet anybody's; -1 if there are none, which is
// the call's to tell (CallContext::exhausted) unless even a fresh machine has not so many. Pages
// are given out once, so that an old address stays an old address; only when the pool is used up
// are single pages used again, and never one that traps.
int TakePages(int count);

// Frees a page of the pool and those that continue it. False if it is no allocated page.
bool FreePages(int page);

// Makes every access trap to a freed page that a live pointer of the world still points into. Costs
// a system call for each run of such pages, so it is asked after the calls that can have freed one.
void TrapGhosts();

// The next kernel: only pages that were preserved survive, and nothing is preserved for the kernel
// after it.
void HandOverMemory();

// Bytes of a page of the pool before its zero tail, in whole blocks of 128. Found by looking at the
// whole page, and remembered until ForgetExtents(), which is due before code runs that could write
// to one.
std::uint16_t ExtentOf(int page);
void ForgetExtents();
void SetExtent(int page, std::uint16_t extent);  // by whoever knows it

// The machine and the world as they were built: snapshots keep what differs from that.
using HeapBase = std::vector<std::byte>;
HeapBase TakeHeapBase();

// The used memory, appended to `bytes`: the heap as its difference from `base`, pages without their
// zero tails, freed ones without contents (they are poison). This and the next: while an Unwatched
// lives.
void SaveMemory(const HeapBase& base, std::vector<std::byte>& bytes);
// Reads it back; whatever was used since becomes zero again.
void RestoreMemory(const HeapBase& base, const std::byte* bytes);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_MEMORY_H_
