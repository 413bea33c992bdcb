// Which entries a command takes out, with the bits of each descriptor worked out by hand.
#include "sut/hardware/invalidation.h"

#include <gtest/gtest.h>

#include <utility>

namespace holdfast::hardware {
namespace {

bool TakesId(const Invalidation& of, std::uint32_t id) { return (id & of.id_mask) == of.id; }
bool TakesTag(const Invalidation& of, std::uint32_t tag) { return (tag & of.tag_mask) == of.tag; }

TEST(VtdInvalidation, ContextsGlobally) {
  const Invalidation of = VtdInvalidation({0x11, 0}, false);
  EXPECT_TRUE(of.devices && !of.spaces && !of.translations);
  EXPECT_TRUE(TakesId(of, 0x108) && TakesTag(of, 7));
}

TEST(VtdInvalidation, ContextsOfADomain) {
  const Invalidation of = VtdInvalidation({0x21 | 7ull << 16, 0}, false);
  EXPECT_TRUE(of.devices && TakesId(of, 0x108) && TakesTag(of, 7));
  EXPECT_FALSE(TakesTag(of, 6));
}

TEST(VtdInvalidation, ContextOfADeviceAndItsDomain) {
  const Invalidation of = VtdInvalidation({0x31 | 7ull << 16 | 0x108ull << 32, 0}, false);
  EXPECT_TRUE(of.devices && TakesId(of, 0x108) && TakesTag(of, 7));
  EXPECT_FALSE(TakesId(of, 0x109));
  EXPECT_FALSE(TakesTag(of, 0));
}

TEST(VtdInvalidation, ContextsOfSomeFunctions) {
  for (const auto& [mask, of_eight] : {std::pair{1ull, 2}, {2ull, 4}, {3ull, 8}}) {
    const Invalidation of = VtdInvalidation({0x31 | 0x108ull << 32 | mask << 48, 0}, true);
    int taken = 0;
    for (std::uint32_t function = 0; function < 8; ++function)
      taken += TakesId(of, 0x108 | function);
    EXPECT_EQ(taken, of_eight);
    EXPECT_FALSE(TakesId(of, 0x110));
  }
}

TEST(VtdInvalidation, ContextsHaveNoDomainInScalableMode) {
  EXPECT_TRUE(TakesTag(VtdInvalidation({0x31 | 7ull << 16 | 0x108ull << 32, 0}, true), 6));
}

TEST(VtdInvalidation, Pasids) {
  const Invalidation all = VtdInvalidation({0x37, 0}, true);
  EXPECT_TRUE(all.spaces && !all.devices && !all.translations && TakesTag(all, 7));
  for (const std::uint64_t of_domain : {0x07ull, 0x17ull}) {
    const Invalidation of = VtdInvalidation({of_domain | 7ull << 16, 0}, true);
    EXPECT_TRUE(of.spaces && TakesTag(of, 7));
    EXPECT_FALSE(TakesTag(of, 6));
  }
  EXPECT_FALSE(VtdInvalidation({0x17 | 7ull << 16 | 1ull << 32, 0}, true).spaces);
}

TEST(VtdInvalidation, Translations) {
  EXPECT_TRUE(TakesTag(VtdInvalidation({0x12, 0}, false), 7));
  for (const std::uint64_t of_domain : {0x22ull, 0x26ull}) {
    const Invalidation of = VtdInvalidation({of_domain | 7ull << 16, 0}, true);
    EXPECT_TRUE(of.translations && !of.devices && !of.spaces && TakesTag(of, 7));
    EXPECT_FALSE(TakesTag(of, 6));
  }
  EXPECT_FALSE(VtdInvalidation({0x32 | 7ull << 16, 0x1000}, false).translations);  // one page
  EXPECT_FALSE(VtdInvalidation({0x26 | 1ull << 32, 0}, true).translations);        // PASID 1
}

TEST(VtdInvalidation, OtherDescriptorsTakeNothing) {
  for (const std::uint64_t low :
       {0x0ull, 0x1ull, 0x2ull, 0x13ull, 0x14ull, 0x15ull, 0x27ull, 0x211ull}) {
    const Invalidation of = VtdInvalidation({low, 0}, false);
    EXPECT_FALSE(of.devices || of.spaces || of.translations) << low;
  }
}

}  // namespace
}  // namespace holdfast::hardware
