// A table in memory that asks the system for huge pages.
//
// With small pages, a random look-up in a large table costs a second miss, for the page. The cost
// of an edge would then grow with the world.
#ifndef HOLDFAST_MODEL_EXPLORE_HUGE_PAGES_H_
#define HOLDFAST_MODEL_EXPLORE_HUGE_PAGES_H_

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include <sys/mman.h>

namespace holdfast {

struct FreePages {
  void operator()(void* memory) const { std::free(memory); }
};
template <typename T>
using Table = std::unique_ptr<T[], FreePages>;

// `count` of T, all bytes zero, which must make a T. Throws std::bad_alloc.
template <typename T>
Table<T> ZeroedTable(std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  const std::size_t bytes = count * sizeof(T);
  const std::size_t unit = bytes < kHugePage ? 64 : kHugePage;
  const std::size_t whole = (bytes + unit - 1) / unit * unit;
  void* memory = std::aligned_alloc(unit, whole);
  if (memory == nullptr) throw std::bad_alloc();
  if (unit == kHugePage) madvise(memory, whole, MADV_HUGEPAGE);  // advice: nothing depends on it
  std::memset(memory, 0, whole);
  return Table<T>(static_cast<T*>(memory));
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_HUGE_PAGES_H_
