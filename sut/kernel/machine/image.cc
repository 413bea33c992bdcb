#include "sut/kernel/machine/image.h"

#include <link.h>

#include <cstdint>

#include "sut/kernel/machine/poison.h"

namespace holdfast::kernel {
namespace {

struct Search {
  std::vector<std::span<std::byte>> ranges;
  std::uintptr_t inside;
};

// Adds [from, to) without [hole_from, hole_to).
void AddRange(std::vector<std::span<std::byte>>& ranges, std::uintptr_t from, std::uintptr_t to,
              std::uintptr_t hole_from, std::uintptr_t hole_to) {
  const auto add = [&ranges](std::uintptr_t first, std::uintptr_t last) {
    if (first < last) ranges.emplace_back(reinterpret_cast<std::byte*>(first), last - first);
  };
  if (hole_to <= from || to <= hole_from) return add(from, to);
  add(from, hole_from);
  add(hole_to, to);
}

int Visit(struct dl_phdr_info* info, std::size_t, void* data) {
  Search& search = *static_cast<Search*>(data);
  bool ours = false;
  std::uintptr_t relro = 0, relro_end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    const std::uintptr_t from = info->dlpi_addr + header.p_vaddr, to = from + header.p_memsz;
    if (header.p_type == PT_LOAD && from <= search.inside && search.inside < to) ours = true;
    if (header.p_type == PT_GNU_RELRO) relro = from, relro_end = to;
  }
  if (!ours) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || !(header.p_flags & PF_W)) continue;
    const std::uintptr_t from = info->dlpi_addr + header.p_vaddr;
    AddRange(search.ranges, from, from + header.p_memsz, relro, relro_end);
  }
  return 1;
}

}  // namespace

Image::Image() {
  Search search = {.ranges = {}, .inside = reinterpret_cast<std::uintptr_t>(&Visit)};
  dl_iterate_phdr(Visit, &search);
  ranges_ = search.ranges;
  for (const auto range : ranges_) size_ += range.size();
}

// Unchecked, because of the sanitizers' red zones between variables.
void Image::CopyTo(std::byte* bytes) const {
  for (const auto range : ranges_) {
    CopyUnchecked(bytes, range.data(), range.size());
    bytes += range.size();
  }
}

bool Image::Holds(const std::byte* bytes) const {
  for (const auto range : ranges_) {
    if (!SameUnchecked(range.data(), bytes, range.size())) return false;
    bytes += range.size();
  }
  return true;
}

void Image::CopyFrom(const std::byte* bytes) const {
  for (const auto range : ranges_) {
    CopyUnchecked(range.data(), bytes, range.size());
    bytes += range.size();
  }
}

}  // namespace holdfast::kernel
