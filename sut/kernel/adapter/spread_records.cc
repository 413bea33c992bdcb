#include "sut/kernel/adapter/spread_records.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/memory.h"

namespace holdfast::kernel {
namespace {

// By page: its new place, or 0.
using Moves = std::array<std::int16_t, kArenaPages>;

// A page that came over, to a new place. The old place is freed, and so is the page behind the new
// one.
void MovePage(int page, int to) {
  Machine& m = machine();
  std::memcpy(PageAddress(to), PageAddress(page), kPageSize);
  m.allocated.Add(to);
  m.handed_over.Add(to);
  m.allocated.Add(to + 1);
  FreePages(to + 1);
  FreePages(page);
}

void Follow(const Moves& moves, std::byte* address) {
  const std::uint64_t physical = Load<std::uint64_t>(address, 0);
  const int page = PageOfPhysical(physical);
  if (page < 0 || moves[page] == 0) return;
  const std::uint64_t moved = PhysicalOfPage(moves[page]) + physical % kPageSize;
  std::memcpy(address, &moved, sizeof(moved));
}

}  // namespace

RecordPages PagesOfRecords(const RecordLayout& layout) {
  RecordPages pages;
  pages.top = RecordPage(machine().luo.incoming.data);
  for (const Chain chain : kChains) {
    std::uint64_t next = Load<std::uint64_t>(PageAddress(pages.top), ChainOffset(layout, chain));
    for (int page = RecordPage(next); page >= 0; page = RecordPage(next)) {
      pages.Of(chain).push_back(page);
      next = Load<std::uint64_t>(PageAddress(page), layout.next_array_phys);
    }
  }
  return pages;
}

bool SpreadRecords(const RecordLayout& layout) {
  const RecordPages old = PagesOfRecords(layout);
  std::vector<int> pages = {old.top};
  for (const std::vector<int>& chain : old.chains)
    pages.insert(pages.end(), chain.begin(), chain.end());
  int to = TakePages(2 * static_cast<int>(pages.size()));
  if (to < 0) return false;
  Moves moves = {};
  for (const int page : pages) {
    MovePage(page, to);
    moves[page] = static_cast<std::int16_t>(to);
    to += 2;
  }

  std::byte* top = PageAddress(moves[old.top]);
  for (const Chain chain : kChains) {
    Follow(moves, top + ChainOffset(layout, chain));
    for (const int page : old.Of(chain))
      Follow(moves, PageAddress(moves[page]) + layout.next_array_phys);
  }
  machine().luo.incoming.data = PhysicalOfPage(moves[old.top]);
  LiveRecords devices(layout, Chain::kDevice);
  while (std::byte* record = devices.Next()) {
    Follow(moves, record + layout.device_domain_phys);
    Follow(moves, record + layout.device_iommu_phys);
  }
  return true;
}

}  // namespace holdfast::kernel
