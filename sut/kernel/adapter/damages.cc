#include "sut/kernel/adapter/damages.h"

#include <cstring>
#include <utility>

#include "sut/kernel/adapter/spread_records.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/records.h"

namespace holdfast::kernel {
namespace {

constexpr std::uint64_t kOnes = ~std::uint64_t{0};

std::string NameOf(Chain chain) {
  constexpr const char* kNames[] = {"IOMMUs", "domains", "devices"};
  return kNames[static_cast<int>(chain)];
}

std::uint64_t PhysicalOf(const std::byte* address) {
  const int page = PageOf(address);
  return PhysicalOfPage(page) + static_cast<std::uint64_t>(address - PageAddress(page));
}

const std::byte* ObjectOfNextKernel() {
  return reinterpret_cast<const std::byte*>(machine().devices[0]);
}

struct Value {
  const char* what;
  std::uint64_t value;
};
using Values = std::vector<Value>;

class Planner {
 public:
  explicit Planner(const RecordLayout& layout) : layout_(layout), pages_(PagesOfRecords(layout)) {}

  std::vector<PlannedDamage> Plan() {
    std::byte* top = PageAddress(pages_.top);
    if (layout_.version != Layout::kNoField) AddNumber("version", top + layout_.version, 8);
    for (const Chain chain : kChains)
      AddLink("address of the chain of " + NameOf(chain), top + ChainOffset(layout_, chain));
    for (const Chain chain : kChains) {
      for (const int page : pages_.Of(chain)) AddPage(chain, PageAddress(page));
      AddRecords(chain);
    }
    return std::move(damages_);
  }

 private:
  // A value that the field has already, or had before, is no damage.
  void Add(const std::string& place, std::byte* at, std::uint8_t size, const Values& values,
           bool is_link = false) {
    const std::size_t first = damages_.size();
    std::uint64_t old = 0;
    std::memcpy(&old, at, size);
    for (const auto& [what, value] : values) {
      const std::uint64_t fits = size == 8 ? value : static_cast<std::uint32_t>(value);
      bool known = fits == old;
      for (std::size_t i = first; i < damages_.size(); ++i) known |= damages_[i].value == fits;
      if (known) continue;
      const bool refused = is_link && KhoRefuses(value);
      damages_.push_back({at, fits, size, {place, what, refused}});
    }
  }

  // In each version, each page of a chain is restored from KHO before the page is read, and a
  // refusal of KHO is fatal. KHO restores a page once, and does not look at an offset in the page.
  static bool KhoRefuses(std::uint64_t link) { return link != 0 && link % kPageSize == 0; }

  static Values Numbers(const std::byte* at, std::uint8_t size) {
    std::uint64_t old = 0;
    std::memcpy(&old, at, size);
    return {{"0", 0},
            {"1", 1},
            {"all ones", kOnes},
            {"one more", old + 1},
            {"one less", old - 1},
            {"the highest bit more", old ^ std::uint64_t{1} << (size * 8 - 1)}};
  }
  void AddNumber(const std::string& place, std::byte* at, std::uint8_t size) {
    Add(place, at, size, Numbers(at, size));
  }

  Values Addresses(const std::byte* at) const {
    const std::uint64_t old = Load<std::uint64_t>(at, 0);
    return {{"0", 0},
            {"1", 1},
            {"all ones", kOnes},
            {"one byte further", old + 1},
            {"eight bytes further", old + 8},
            {"the highest bit more", old ^ std::uint64_t{1} << 63},
            {"its own page", PhysicalOfPage(PageOf(at))},
            {"the top record", PhysicalOfPage(pages_.top)},
            {"the first page of IOMMUs", FirstPage(Chain::kHw)},
            {"the first page of domains", FirstPage(Chain::kDomain)},
            {"the first page of devices", FirstPage(Chain::kDevice)},
            {"freed memory", PhysicalOfPage(pages_.top + 1)},  // SpreadRecords
            {"an object of the next kernel", PhysicalOf(ObjectOfNextKernel())},
            {"no memory", 0xffff'ffff'f000}};
  }
  void AddLink(const std::string& place, std::byte* at) {
    Add(place, at, 8, Addresses(at), /*is_link=*/true);
  }
  void AddAddressOfRecord(const std::string& place, std::byte* at, Chain chain,
                          const std::byte* device) {
    Values values = RecordsThatAreNone(chain, device);
    const Values addresses = Addresses(at);
    values.insert(values.end(), addresses.begin(), addresses.end());
    Add(place, at, 8, values);
  }

  void AddPage(Chain chain, std::byte* page) {
    const std::string of = " of a page of " + NameOf(chain);
    AddLink("link" + of, page + layout_.next_array_phys);
    std::byte* count = page + layout_.nr_objects;
    const std::uint32_t capacity = layout_.Capacity(RecordSize(layout_, chain));
    Values values = Numbers(count, 8);
    values.push_back({"as many as fit", capacity});
    values.push_back({"one more than fits", capacity + 1});
    values.push_back({"2 to the 32nd", std::uint64_t{1} << 32});
    Add("count" + of, count, 8, values);
  }

  // The first and the last.
  void AddRecords(Chain chain) {
    std::vector<std::byte*> live;
    LiveRecords records(layout_, chain);
    while (std::byte* record = records.Next()) live.push_back(record);
    if (live.size() > 2) live = {live.front(), live.back()};
    for (std::byte* record : live) AddRecord(chain, record);
  }

  void AddRecord(Chain chain, std::byte* record) {
    constexpr const char* kOf[] = {" of an IOMMU's record", " of a domain's record",
                                   " of a device's record"};
    const std::string of = kOf[static_cast<int>(chain)];
    AddNumber("ref_count" + of, record + layout_.ref_count, 4);
    Values flags = Numbers(record + layout_.flags, 4);
    flags.push_back({"INCOMING", layout_.incoming_flag});
    Add("flags" + of, record + layout_.flags, 4, flags);
    switch (chain) {
      case Chain::kHw:
        AddNumber("token" + of, record + layout_.hw_token, 8);
        AddNumber("type" + of, record + layout_.hw_type, 4);
        break;
      case Chain::kDomain: AddRestOfDomain(of, record); break;
      case Chain::kDevice:
        AddNumber("devid" + of, record + layout_.device_devid, 4);
        AddNumber("pci_domain_nr" + of, record + layout_.device_pci_domain_nr, 4);
        AddAddressOfRecord("domain_phys" + of, record + layout_.device_domain_phys, Chain::kDomain,
                           record);
        AddAddressOfRecord("iommu_phys" + of, record + layout_.device_iommu_phys, Chain::kHw,
                           record);
        break;
    }
  }

  // Behind the fields of the driver, a version may keep a pointer to a domain of its own kernel.
  void AddRestOfDomain(const std::string& of, std::byte* record) {
    constexpr std::uint32_t kPointer = 8;
    const std::uint32_t known = layout_.domain_vasz + 4;
    for (std::uint32_t end = layout_.domain; end >= known + kPointer; end -= kPointer) {
      const std::string place =
          "bytes " + std::to_string(end - kPointer) + " to " + std::to_string(end - 1) + of;
      std::byte* at = record + end - kPointer;
      Values values = Numbers(at, kPointer);
      values.push_back({"a pointer to an object of the next kernel",
                        reinterpret_cast<std::uintptr_t>(ObjectOfNextKernel())});
      Add(place, at, kPointer, values);
    }
  }

  // Addresses that are in memory of KHO and are no live record's. A core can look an address up in
  // its chain.
  Values RecordsThatAreNone(Chain chain, const std::byte* device) const {
    Values values = {{"its own record", PhysicalOf(device)},
                     {"a table of a domain", PhysicalOfPage(DomainTablePage(0))}};
    if (pages_.Of(chain).empty()) return values;
    const std::uint32_t size = RecordSize(layout_, chain);
    const std::byte* page = PageAddress(pages_.Of(chain).back());
    const auto count = static_cast<std::uint32_t>(Load<std::uint64_t>(page, layout_.nr_objects));
    if (count < layout_.Capacity(size)) {
      values.push_back(
          {"a record that is not counted", PhysicalOf(page + layout_.array_header + count * size)});
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::byte* record = page + layout_.array_header + i * size;
      if (!(Load<std::uint32_t>(record, layout_.flags) & layout_.deleted_flag)) continue;
      values.push_back({"a DELETED record", PhysicalOf(record)});
      break;
    }
    return values;
  }

  std::uint64_t FirstPage(Chain chain) const {
    const std::vector<int>& pages = pages_.Of(chain);
    return pages.empty() ? 0 : PhysicalOfPage(pages.front());
  }

  const RecordLayout& layout_;
  const RecordPages pages_;
  std::vector<PlannedDamage> damages_;
};

}  // namespace

std::vector<PlannedDamage> DamagesOf(const RecordLayout& layout) { return Planner(layout).Plan(); }

}  // namespace holdfast::kernel
