#include "sut/kernel/adapter/mirror.h"

#include <algorithm>
#include <cstring>

#include "sut/kernel/machine/memory.h"
#include "sut/kernel/machine/scan.h"

namespace holdfast::kernel {

void Mirror::Take() {
  const Machine& m = machine();
  image_then_.resize(image_.size());
  image_.CopyTo(image_then_.data());
  heap_.assign(ArenaBase(), ArenaBase() + m.heap_top);
  pages_.clear();
  extents_.clear();
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    const std::uint16_t extent = m.freed.Has(page) ? std::uint16_t{0} : ExtentOf(page);
    extents_.push_back(extent);
    const std::size_t start = pages_.size();
    pages_.resize(start + extent);
    if (extent != 0) std::memcpy(pages_.data() + start, PageAddress(page), extent);
  }
  changes_.clear();
  image_changed_ = layout_changed_ = false;
  looked_ = true;
}

void Mirror::Compare(std::byte* memory, const std::byte* copy, std::size_t size) {
  const std::size_t whole = size / kBlock * kBlock;
  for (std::size_t at = FirstDifference(memory, copy, 0, whole); at != whole;
       at = FirstDifference(memory, copy, at + kBlock, whole)) {
    changes_.push_back({memory + at, copy + at, kBlock});
  }
  if (std::memcmp(memory + whole, copy + whole, size - whole) != 0)
    changes_.push_back({memory + whole, copy + whole, size - whole});
}

void Mirror::Look() {
  looked_ = true;
  changes_.clear();
  image_changed_ = !image_.Holds(image_then_.data());
  const Machine& m = machine();
  const Machine& then = *reinterpret_cast<const Machine*>(heap_.data());
  const auto same = [](const PageSet& a, const PageSet& b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
  };
  layout_changed_ = m.heap_top != then.heap_top || m.next_page != then.next_page ||
                    !same(m.freed, then.freed) || !same(m.trapped, then.trapped);
  if (layout_changed_) return;
  Compare(ArenaBase(), heap_.data(), heap_.size());
  const std::byte* copy = pages_.data();
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (m.freed.Has(page)) continue;
    const std::uint16_t then_used = extents_[static_cast<std::size_t>(page - kFirstPoolPage)];
    layout_changed_ |= ExtentOf(page) > then_used;
    Compare(PageAddress(page), copy, then_used);
    copy += then_used;
  }
}

bool Mirror::Changed() {
  if (!looked_) Look();
  return layout_changed_ || image_changed_ || !changes_.empty();
}

bool Mirror::Undo() {
  if (!looked_) Look();
  if (layout_changed_) return false;
  if (image_changed_) image_.CopyFrom(image_then_.data());
  for (const Change& change : changes_) std::memcpy(change.to, change.from, change.size);
  const Machine& m = machine();
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (!m.freed.Has(page))
      SetExtent(page, extents_[static_cast<std::size_t>(page - kFirstPoolPage)]);
  }
  changes_.clear();
  image_changed_ = false;
  return true;
}

}  // namespace holdfast::kernel
