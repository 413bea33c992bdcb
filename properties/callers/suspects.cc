#include "properties/callers/suspects.h"

#include <algorithm>

namespace holdfast {

void Suspects::Note(int caller, std::span<const Access> accesses) {
  constexpr std::uintptr_t kWord = 8;
  for (const Access& access : accesses) {
    const auto begin = reinterpret_cast<std::uintptr_t>(access.address);
    for (std::uintptr_t word = begin / kWord; word <= (begin + access.size - 1) / kWord; ++word) {
      std::vector<Seen>& seen = seen_[word];
      const bool known = std::ranges::any_of(seen, [&](const Seen& other) {
        return other.caller == caller && other.access == access;
      });
      if (known) continue;
      for (const Seen& other : seen) {
        if (other.caller == caller || (other.access.locks & access.locks) != 0 ||
            !Conflict(other.access, access))
          continue;
        codes_.insert(access.code);
        codes_.insert(other.access.code);
      }
      seen.push_back({access, caller});
    }
  }
}

}  // namespace holdfast
