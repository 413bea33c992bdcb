// linux/slab.h: objects in the arena, each behind a header that says whether it lives.
#include "linux/slab.h"

#include <algorithm>
#include <cstring>

#include "sut/kernel/call.h"
#include "sut/kernel/memory.h"

namespace holdfast::kernel {
namespace {

struct Header {
  std::uint32_t size;
  std::uint32_t state;
  std::uint64_t padding;  // objects are aligned to 16
};
constexpr std::uint32_t kLive = 0x6c697665, kFree = 0x66726565;

// Memory is given out once; only when it is used up are freed objects looked for.
Header* Reuse(std::uint32_t size) {
  static_assert(sizeof(Header) == 16);
  for (std::byte* at = ArenaBase(); at + sizeof(Header) <= ArenaBase() + machine().heap_top; at += 16) {
    Header* header = reinterpret_cast<Header*>(at);
    if (header->state == kFree && header->size == size) return header;
  }
  return nullptr;
}

void* Allocate(std::size_t size) {
  const std::uint32_t rounded = static_cast<std::uint32_t>((size + 15) / 16 * 16);
  Header* header = static_cast<Header*>(AllocateObject(sizeof(Header) + rounded));
  if (!header) header = Reuse(rounded);
  if (!header) return nullptr;
  header->size = rounded;
  header->state = kLive;
  ++machine().heap_live;
  return std::memset(header + 1, 0, rounded);
}

}  // namespace

HeapBlock HeapBlockAt(std::size_t offset) {
  const Header* header = reinterpret_cast<const Header*>(ArenaBase() + offset);
  const std::size_t start = offset + sizeof(Header);
  return {start, std::min(start + header->size, std::size_t{machine().heap_top}), header->state == kLive};
}

}  // namespace holdfast::kernel

using namespace holdfast::kernel;

extern "C" void* kzalloc(size_t size, gfp_t flags) {
  if (flags == GFP_KERNEL) holdfast_might_sleep();
  return PassFault(holdfast::FaultSite::kKzalloc) ? nullptr : Allocate(size);
}

extern "C" void kfree(const void* object) {
  if (!object) return;
  const int page = PageOf(object);
  if (page < 0 || page >= kHeapPages || reinterpret_cast<std::uintptr_t>(object) % 16 != 0) Crash();
  Header* header = static_cast<Header*>(const_cast<void*>(object)) - 1;
  if (header->state != kLive) Crash();  // freed twice, or no object
  header->state = kFree;
  std::memset(header + 1, kPoison, header->size);
  --machine().heap_live;
}
