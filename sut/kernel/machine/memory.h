// The arena's memory for the environment itself. The kernel's own calls on memory are in
// linux/slab.h, linux/kexec_handover.h and linux/iommu-pages.h.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_MEMORY_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_MEMORY_H_

#include <vector>

#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// Maps the arena, and makes the machine and the call. Only the first call of a process does
// something.
void PowerOn();

// While an Unwatched lives, the environment itself may read and write the whole arena. That
// includes freed memory, and memory that was never given out. Afterwards such memory is poisoned
// again (poison.h). The kernel's code does not run while an Unwatched lives. Without
// AddressSanitizer an Unwatched does nothing.
class Unwatched {
 public:
  Unwatched();
  ~Unwatched();
  Unwatched(const Unwatched&) = delete;

 private:
  std::uint32_t heap_top_, next_page_;  // of the machine, when it began
};

// Empties the machine. A world can then be built in the machine.
void ClearMachine();

// Zeroed memory for an object of the world. The memory lasts until the machine is cleared. This
// call is not a fault site.
void* AllocateObject(std::size_t size);

template <typename T>
T* NewObject() {
  return static_cast<T*>(AllocateObject(sizeof(T)));
}

// The object of kzalloc whose header is at that offset of the arena. The first header is at
// world_top; each further header is at the end of the object before.
struct HeapBlock {
  std::size_t start, end;  // offsets in the arena
  bool live;               // not freed
};
HeapBlock HeapBlockAt(std::size_t offset);

// `count` pages of the pool in a row, zeroed and without an owner; -1 if there are none. Then
// CallContext::exhausted is set, unless even a fresh machine has fewer pages than `count`.
//
// A page is given out once, so an old address never becomes valid again. Only when the pool is used
// up are single pages given out again, and never a page that traps.
int TakePages(int count);

// Frees a page of the pool and the pages that continue the allocation. False if the page is not
// allocated.
bool FreePages(int page);

// Makes every access trap to a freed page that a live pointer of the world still points into. The
// cost is a system call for each run of such pages. So the adapter calls this only after a command.
void TrapGhosts();

// The same for every freed page, until RestoreMemory.
void TrapFreed();

// The kexec: only preserved pages survive. In the next kernel no page is preserved yet.
void HandOverMemory();

// The bytes of a page of the pool before its zero tail, in whole blocks of 128. The first call
// looks at the whole page; the result is remembered until ForgetExtents(). The caller forgets the
// extents before code runs that could write to a page.
std::uint16_t ExtentOf(int page);
void ForgetExtents();
// For a caller that knows the extent.
void SetExtent(int page, std::uint16_t extent);

// The machine and the world as they were built. A snapshot keeps the difference from this base.
using HeapBase = std::vector<std::byte>;
HeapBase TakeHeapBase();

// Appends the used memory to `bytes`: the heap as its difference from `base`, and pages without
// their zero tails. A freed page has no contents there: the page is poison. SaveMemory and
// RestoreMemory run while an Unwatched lives.
void SaveMemory(const HeapBase& base, std::vector<std::byte>& bytes);
// Reads the memory back. Memory that was taken into use since then becomes zero again.
void RestoreMemory(const HeapBase& base, const std::byte* bytes);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_MEMORY_H_
