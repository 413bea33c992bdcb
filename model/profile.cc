#include "model/profile.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace holdfast {
namespace {

// Record sizes: docs/spec/semantics.md 4. v3 is the whole series, with the vendor parts; v5 with
// SMMUv3.
constexpr Layout kLayoutV3 = {.hw = 112, .domain = 37, .device = 56, .flb = 24};
constexpr Layout kLayoutV5 = {.hw = 112,
                              .domain = 40,
                              .device = 72,
                              .flb = 32,
                              .device_token = 16,
                              .device_attachment_id = 24,
                              .device_domain_phys = 32,
                              .device_iommu_phys = 40,
                              .version = 0,
                              .hw_chain = 8,
                              .domain_chain = 16,
                              .device_chain = 24};

// Without the vendors' parts: the core of the series as it stands before the drivers use it.
constexpr Layout WithoutVendors(Layout layout) {
  layout.hw = layout.hw_type + 8;
  layout.device = layout.device_iommu_phys + 8;
  return layout;
}

// Older still: the flags are two bits in one byte, so the fields behind a record's header are three
// bytes nearer.
constexpr Layout WithFlagBits(Layout layout) {
  for (std::uint32_t Layout::* member :
       {&Layout::hw, &Layout::domain, &Layout::device, &Layout::hw_token, &Layout::hw_type,
        &Layout::domain_top_table, &Layout::domain_top_level, &Layout::domain_vasz,
        &Layout::device_devid, &Layout::device_pci_domain_nr, &Layout::device_attachment_id,
        &Layout::device_domain_phys, &Layout::device_iommu_phys}) {
    layout.*member -= 3;
  }
  return layout;
}

constexpr std::array kLayoutsV3 = {kLayoutV3, WithoutVendors(kLayoutV3),
                                   WithFlagBits(WithoutVendors(kLayoutV3))};
constexpr std::array kLayoutsV5 = {kLayoutV5, WithoutVendors(kLayoutV5)};

static_assert(kLayoutV3.hw_capacity() == 36 && kLayoutV3.domain_capacity() == 110 &&
              kLayoutV3.device_capacity() == 72);
static_assert(kLayoutsV3[1].hw_capacity() == 170 && kLayoutsV3[1].device_capacity() == 102);
static_assert(kLayoutV5.hw_capacity() == 36 && kLayoutV5.domain_capacity() == 102 &&
              kLayoutV5.device_capacity() == 56);

constexpr std::array kProfiles = {
    Profile{.name = "v3", .luo = Luo::kStageA, .layout = kLayoutV3},
    Profile{.name = "v5",
            .double_device = -EBUSY,
            .double_domain = -EBUSY,
            .puts_flb = true,
            .stores_owner_token = true,
            .needs_singleton_group = true,
            .releases_restored = true,
            .luo = Luo::kStageC,
            .layout = kLayoutV5},
    Profile{.name = "off", .config_enabled = false, .luo = Luo::kStageA, .layout = kLayoutV3},
};

constexpr ProfileAnswer kAnswers[] = {
    {.name = "double-device", .error = &Profile::double_device},
    {.name = "double-device-by-pointer", .flag = &Profile::double_device_by_pointer},
    {.name = "double-domain", .error = &Profile::double_domain},
    {.name = "puts-flb", .flag = &Profile::puts_flb},
    {.name = "owner-token", .flag = &Profile::stores_owner_token},
    {.name = "singleton-groups", .flag = &Profile::needs_singleton_group},
    {.name = "releases-restored", .flag = &Profile::releases_restored},
    {.name = "checks-flb", .flag = &Profile::checks_flb},
    {.name = "checks-group", .flag = &Profile::checks_group},
    {.name = "checks-iommu", .flag = &Profile::checks_iommu},
    {.name = "quiet-unpreserve-device", .flag = &Profile::quiet_unpreserve_device},
    {.name = "quiet-unpreserve-domain", .flag = &Profile::quiet_unpreserve_domain},
};

bool HoldsRecords(const Layout& layout) {
  return layout.page > layout.array_header && layout.hw_capacity() > 0 &&
         layout.domain_capacity() > 0 && layout.device_capacity() > 0;
}

std::span<const Layout> Admitted(const Profile& profile) {
  const Profile* own = FindProfile(profile.name);
  if (own == nullptr || own->layout != profile.layout) return {&profile.layout, 1};
  return own->layout == kLayoutV5 ? std::span<const Layout>(kLayoutsV5)
                                  : std::span<const Layout>(kLayoutsV3);
}

}  // namespace

std::span<const Profile> Profiles() { return kProfiles; }

std::span<const ProfileAnswer> ProfileAnswers() { return kAnswers; }

bool LiesBetween(const Profile& profile) {
  const Profile* own = FindProfile(profile.name);
  return own != nullptr && (profile.puts_flb != own->puts_flb ||
                            profile.stores_owner_token != own->stores_owner_token ||
                            profile.needs_singleton_group != own->needs_singleton_group);
}

const Profile* FindProfile(std::string_view name) {
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

Profile WithLayout(const Profile& profile, const Layout& found) {
  if (profile.layout == found) return profile;
  Profile chosen = profile;
  if (LiesBetween(profile) && HoldsRecords(found)) {
    chosen.layout = found;
    return chosen;
  }
  const std::span<const Layout> admitted = Admitted(profile);
  chosen.layout = *std::min_element(admitted.begin(), admitted.end(),
                                    [&found](const Layout& a, const Layout& b) {
                                      return Distance(a, found) < Distance(b, found);
                                    });
  return chosen;
}

Profile InForce(const Profile& profile, const Layout& found) {
  if (!HoldsRecords(found)) return WithLayout(profile, found);
  Profile chosen = profile;
  chosen.layout = found;
  return chosen;
}

}  // namespace holdfast
