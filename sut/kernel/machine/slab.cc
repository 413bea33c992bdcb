// linux/slab.h: objects in the arena. A header before each object says whether the object lives.
#include "sut/kernel/machine/slab.h"

#include "linux/slab.h"

#include <algorithm>
#include <cstring>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/caller.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/machine/poison.h"

namespace holdfast::kernel {
namespace {

struct Header {
  std::uint32_t size;  // of the object, without what rounds it up
  std::uint32_t state;
  std::uint64_t padding;  // objects are aligned to 16
};
static_assert(sizeof(Header) == 16);
constexpr std::uint32_t kLive = 0x6c697665, kFree = 0x66726565;

constexpr std::uint32_t Rounded(std::size_t size) {
  return static_cast<std::uint32_t>((size + 15) / 16 * 16);
}

Header ReadHeader(const std::byte* object) {
  Header header;
  CopyUnchecked(reinterpret_cast<std::byte*>(&header), object - sizeof(header), sizeof(header));
  return header;
}

// The header and the bytes behind an object are poisoned, and so is a free object.
void WriteHeader(std::byte* object, const Header& header) {
  Unpoison(object - sizeof(header), sizeof(header) + Rounded(header.size));
  std::memcpy(object - sizeof(header), &header, sizeof(header));
}
void PoisonAround(std::byte* object, const Header& header) {
  Poison(object - sizeof(header), sizeof(header));
  Poison(object + header.size, Rounded(header.size) - header.size);
  if (header.state == kFree) Poison(object, header.size);
}

// Calls look(object, header) for each object of the heap until the result is true. Returns that
// object, or null.
template <typename Look>
std::byte* EachObject(Look look) {
  const std::byte* end = ArenaBase() + machine().heap_top;
  for (std::byte* object = ArenaBase() + machine().world_top + sizeof(Header); object < end;) {
    const Header header = ReadHeader(object);
    if (look(object, header)) return object;
    object += Rounded(header.size) + sizeof(Header);
  }
  return nullptr;
}

// Memory is given out once. Freed objects are used again only when the heap is used up.
std::byte* Reuse(std::uint32_t size) {
  return EachObject([size](std::byte*, const Header& header) {
    return header.state == kFree && header.size == size;
  });
}

}  // namespace

void* AllocateFreeable(std::size_t size) {
  const Header header = {static_cast<std::uint32_t>(size), kLive, 0};
  std::byte* object = static_cast<std::byte*>(AllocateObject(sizeof(Header) + size));
  object = object ? object + sizeof(Header) : Reuse(header.size);
  if (!object) {
    // more is no request that a world's heap could serve
    if (size <= kHeapPages * kPageSize / 2) g_call->exhausted = true;
    return nullptr;
  }
  WriteHeader(object, header);
  std::memset(object, 0, Rounded(size));
  PoisonAround(object, header);
  ++machine().heap_live;
  return object;
}

HeapBlock HeapBlockAt(std::size_t offset) {
  const std::size_t start = offset + sizeof(Header);
  const Header header = ReadHeader(ArenaBase() + start);
  return {start, std::min(start + Rounded(header.size), std::size_t{machine().heap_top}),
          header.state == kLive};
}

void PoisonFreedObjects() {
  EachObject([](std::byte* object, const Header& header) {
    PoisonAround(object, header);
    return false;
  });
}

}  // namespace holdfast::kernel

using namespace holdfast::kernel;

extern "C" void* kzalloc(size_t size, gfp_t flags) {
  if (flags == GFP_KERNEL) holdfast_might_sleep();
  StopAt(holdfast::Point::Kind::kAllocate);
  return PassFault(holdfast::FaultSite::kKzalloc) ? nullptr : AllocateFreeable(size);
}

extern "C" void kfree(const void* memory) {
  if (!memory) return;
  StopAt(holdfast::Point::Kind::kAllocate);
  const int page = PageOf(memory);
  if (page < 0 || page >= kHeapPages || reinterpret_cast<std::uintptr_t>(memory) % 16 != 0) Crash();
  std::byte* object = static_cast<std::byte*>(const_cast<void*>(memory));
  Header header = ReadHeader(object);
  if (header.state != kLive) Crash();  // freed twice, or no object
  header.state = kFree;
  WriteHeader(object, header);
  std::memset(object, kPoison, Rounded(header.size));
  PoisonAround(object, header);
  --machine().heap_live;
}
