#include "model/profile.h"

#include <array>

namespace holdfast {
namespace {

// Record sizes: spec/semantics.md, section 4. v3 is the whole series, with the vendor parts; v5 with SMMUv3.
constexpr Layout kLayoutV3 = {.hw = 112, .domain = 37, .device = 56, .flb = 24};
constexpr Layout kLayoutV5 = {.hw = 112, .domain = 40, .device = 72, .flb = 32};

static_assert(kLayoutV3.hw_capacity() == 36 && kLayoutV3.domain_capacity() == 110 && kLayoutV3.device_capacity() == 72);
static_assert(kLayoutV5.hw_capacity() == 36 && kLayoutV5.domain_capacity() == 102 && kLayoutV5.device_capacity() == 56);

constexpr std::array kProfiles = {
    Profile{.name = "v3", .luo = Luo::kStageA, .layout = kLayoutV3},
    Profile{.name = "v5",
            .refuses_double_device = true,
            .refuses_double_domain = true,
            .puts_flb = true,
            .stores_owner_token = true,
            .needs_singleton_group = true,
            .luo = Luo::kStageC,
            .layout = kLayoutV5},
    Profile{.name = "off", .config_enabled = false, .luo = Luo::kStageA, .layout = kLayoutV3},
};

}  // namespace

std::span<const Profile> Profiles() { return kProfiles; }

const Profile* FindProfile(std::string_view name) {
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

}  // namespace holdfast
