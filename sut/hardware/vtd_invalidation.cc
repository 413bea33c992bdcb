#include "sut/hardware/bits.h"
#include "sut/hardware/invalidation.h"

namespace holdfast::hardware {
namespace {

constexpr std::uint32_t kDomainId = 0xffff;

// Section 6.5.2.1. Granularity [5:4], DID [31:16], SID [47:32], FM [49:48]: 0 to 3 of the low bits
// of the function are not compared.
Invalidation OfContexts(std::uint64_t low, bool scalable) {
  Invalidation of = {.devices = true};
  const std::uint64_t granularity = Bits(low, 5, 4);
  if (granularity == 0) return {};
  if (granularity != 1 && !scalable) {
    of.tag = static_cast<std::uint32_t>(Bits(low, 31, 16));
    of.tag_mask = kDomainId;
  }
  if (granularity == 3) {
    constexpr std::uint32_t kIgnored[] = {0, 4, 6, 7};
    of.id_mask = 0xffffu & ~kIgnored[Bits(low, 49, 48)];
    of.id = static_cast<std::uint32_t>(Bits(low, 47, 32)) & of.id_mask;
  }
  return of;
}

// Section 6.5.2.2. Granularity [5:4]: a domain, a PASID of a domain, all; DID [31:16], PASID
// [51:32].
Invalidation OfPasids(std::uint64_t low) {
  const std::uint64_t granularity = Bits(low, 5, 4);
  if (granularity == 2 || (granularity == 1 && Bits(low, 51, 32) != 0)) return {};
  if (granularity == 3) return {.spaces = true};
  return {
      .spaces = true, .tag = static_cast<std::uint32_t>(Bits(low, 31, 16)), .tag_mask = kDomainId};
}

// Section 6.5.2.3. Granularity [5:4]: all, a domain, pages; DID [31:16].
Invalidation OfTranslations(std::uint64_t low) {
  switch (Bits(low, 5, 4)) {
    case 1: return {.translations = true};
    case 2:
      return {.translations = true,
              .tag = static_cast<std::uint32_t>(Bits(low, 31, 16)),
              .tag_mask = kDomainId};
    default: return {};
  }
}

// Section 6.5.2.4. Granularity [5:4]: 2 is a PASID of a domain; DID [31:16], PASID [51:32].
Invalidation OfPasidTranslations(std::uint64_t low) {
  if (Bits(low, 5, 4) != 2 || Bits(low, 51, 32) != 0) return {};
  return {.translations = true,
          .tag = static_cast<std::uint32_t>(Bits(low, 31, 16)),
          .tag_mask = kDomainId};
}

}  // namespace

Invalidation VtdInvalidation(const QueuedCommand& descriptor, bool scalable) {
  switch (Bits(descriptor[0], 3, 0) | Bits(descriptor[0], 11, 9) << 4) {
    case 1: return OfContexts(descriptor[0], scalable);
    case 2: return OfTranslations(descriptor[0]);
    case 6: return OfPasidTranslations(descriptor[0]);
    case 7: return OfPasids(descriptor[0]);
    default: return {};
  }
}

}  // namespace holdfast::hardware
