#include "model/layout.h"

#include "model/layout_fields.h"

namespace holdfast {
namespace {

struct Entry {
  const char* name;
  std::uint32_t Layout::* member;
};

#define SIZE(member, record) {"sizeof(" #record ")", &Layout::member},
#define FIELD(member, record, field) {#record "." #field, &Layout::member},
constexpr Entry kEntries[] = {
    {"page", &Layout::page},
    HOLDFAST_LAYOUT_SIZES(SIZE)
        HOLDFAST_LAYOUT_FIELDS(FIELD){"iommu_hdr_ser.flags", &Layout::flags},
    {"iommu_device_ser.dma_owner_token", &Layout::device_token},
    {"iommu_flb_ser.version", &Layout::version},
};
#undef SIZE
#undef FIELD

static_assert(sizeof(kEntries) / sizeof(Entry) * sizeof(std::uint32_t) == sizeof(Layout),
              "every member is compared");

}  // namespace

bool OnlyEndsDiffer(const Layout& layout, const Layout& other) {
  constexpr std::uint32_t kWord = 8;  // the last field of a hw or device record, and any padding
  Layout same_ends = other;
  same_ends.hw = layout.hw;
  same_ends.domain = layout.domain;
  same_ends.device = layout.device;
  return same_ends == layout && other.hw >= other.hw_type + kWord &&
         other.device >= other.device_iommu_phys + kWord &&
         (other.domain + kWord - 1) / kWord == (layout.domain + kWord - 1) / kWord;
}

int Distance(const Layout& layout, const Layout& other) {
  int distance = 0;
  for (const Entry& entry : kEntries) distance += layout.*entry.member != other.*entry.member;
  return distance;
}

std::string PrintDifference(const Layout& layout, const Layout& other) {
  std::string text;
  for (const Entry& entry : kEntries) {
    const std::uint32_t value = layout.*entry.member;
    if (value == other.*entry.member) continue;
    text += (text.empty() ? "" : " ") + std::string(entry.name) + "=";
    text += value == Layout::kNoField ? "-" : std::to_string(value);
  }
  return text;
}

}  // namespace holdfast
