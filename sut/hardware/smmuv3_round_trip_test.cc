// Random mappings, built by a few lines that know no bit field, come back from SMMUv3's walker.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sut/hardware/access.h"
#include "sut/hardware/smmuv3.h"
#include "sut/hardware/smmuv3_event.h"
#include "sut/hardware/smmuv3_world.h"
#include "sut/hardware/test_memory.h"

namespace holdfast::hardware {
namespace {

using namespace smmuv3_world;
using E = SmmuV3Event;
constexpr SmmuV3Class kIn = SmmuV3Class::kInput;

// Indices by division; one class for both stages.
class Builder {
 public:
  // `leaf` are the low bits of a leaf's descriptor without its type. The first level has room for
  // `input_bits`.
  Builder(SparseMemory& memory, int first_level, int input_bits, std::uint64_t leaf,
          std::uint64_t& next)
      : memory_(memory), leaf_(leaf), next_(next) {
    for (int level = first_level; level < 3; ++level) span_ *= 512;
    std::uint64_t size = 4096;
    while (size / 8 * span_ < 1ull << input_bits) size *= 2;
    next_ = (next_ + size - 1) / size * size;
    root_ = next_;
    for (std::uint64_t page = 0; page < size; page += 4096) memory_[root_ + page];
    next_ += size + 4096;
  }

  std::uint64_t root() const { return root_; }

  bool Map(std::uint64_t address, std::uint64_t target, std::uint64_t page_size,
           std::uint64_t rights) {
    if (page_size > span_) return false;
    std::uint64_t place = root_ + address / span_ * 8;
    for (std::uint64_t span = span_; span > page_size; span /= 512) {
      std::uint64_t descriptor = memory_[place];
      if (descriptor % 4 == 1) return false;
      if (descriptor == 0) {
        memory_[next_];
        descriptor = memory_[place] = next_ + 3;
        next_ += 8192;
      }
      place = descriptor - 3 + address / (span / 512) % 512 * 8;
    }
    if (memory_[place] != 0) return false;
    memory_[place] = target + leaf_ + rights + (page_size == 4096 ? 3 : 1);
    return true;
  }

 private:
  SparseMemory& memory_;
  std::uint64_t leaf_;
  std::uint64_t& next_;
  std::uint64_t span_ = 4096;
  std::uint64_t root_ = 0;
};

struct Mapping {
  std::uint64_t address, target, size;
  bool writable;
};

Mapping RandomMapping(std::mt19937_64& random, int input_bits) {
  constexpr std::uint64_t kSizes[] = {4096, 4096, 4096, 0x20'0000, 0x4000'0000};
  Mapping m;
  m.size = kSizes[random() % (input_bits > 30 ? 5 : 3)];
  const std::uint64_t reach =
      random() % 2 ? std::min(0x1000'0000ull, 1ull << input_bits) : 1ull << input_bits;
  m.address = random() % reach / m.size * m.size;
  m.target = (0x10'0000'0000 + random() % 0x10'0000'0000) / m.size * m.size;
  m.writable = random() % 2;
  return m;
}

// The first level of stage 1 for that many bits.
int FirstLevel(int input_bits) { return input_bits > 39 ? 0 : input_bits > 30 ? 1 : 2; }

TEST(SmmuV3RoundTrip, Stage1GivesBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = Stage1();
    const int input_bits = 25 + static_cast<int>(random() % 24);
    std::uint64_t next = 0x100'0000;
    Builder builder(world.memory, FirstLevel(input_bits), input_bits, 0x440, next);
    world.memory.Put(kContext,
                     {kCd0 - 16 + static_cast<std::uint64_t>(64 - input_bits), builder.root()});
    std::vector<Mapping> mapped;
    for (int i = 0; i < 20; ++i) {
      const Mapping m = RandomMapping(random, input_bits);
      if (builder.Map(m.address, m.target, m.size, m.writable ? 0 : 0x80)) mapped.push_back(m);
    }
    ASSERT_FALSE(mapped.empty());
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % m.size;
      world.transaction.address = m.address + offset;
      world.transaction.access = Access::kRead;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{m.target + offset, true,
                                                                   m.writable, m.size, 0x5a, 7}));
      if (m.writable) continue;
      world.transaction.access = Access::kWrite;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kPermission, 1, kIn}));
    }
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t address = RandomMapping(random, input_bits).address;
      const bool used = std::any_of(mapped.begin(), mapped.end(), [&](const Mapping& m) {
        return address >= m.address && address < m.address + m.size;
      });
      if (used) continue;
      world.transaction.address = address;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Fault{E::kTranslation, 1, kIn}));
    }
  }
}

TEST(SmmuV3RoundTrip, Stage2AndNestedGiveBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = Stage2();
    const bool nested = random() % 2;
    // Every start that goes with the size: from level 0, 1 and 2 there are 40 to 48, 31 to 43 and
    // 25 to 34 bits.
    const std::uint64_t start = nested ? 1 : random() % 3;
    const int least[] = {25, 31, 40}, most[] = {34, 43, 48};
    const int input_bits =
        nested ? 40 : least[start] + static_cast<int>(random() % (most[start] - least[start] + 1));
    std::uint64_t next = 0x100'0000, next_guest = 0x2000'0000;
    // AF, S2AP read
    Builder host(world.memory, 2 - static_cast<int>(start), input_bits, 0x440, next);
    world.memory.Put(kSte, {nested ? kContext | kBoth : kStage2Only, 0,
                            7 | static_cast<std::uint64_t>(64 - input_bits) << 32 | start << 38 |
                                5ull << 48 | 1ull << 51,
                            host.root(), 0, 0, 0, 0});
    std::vector<Mapping> mapped;
    if (!nested) {
      for (int i = 0; i < 20; ++i) {
        const Mapping m = RandomMapping(random, input_bits);
        if (host.Map(m.address, m.target, m.size, m.writable ? 0x80 : 0)) mapped.push_back(m);
      }
    } else {
      Builder guest(world.memory, 0, 48, 0x440, next_guest);
      for (int i = 0; i < 10; ++i) {
        Mapping m = RandomMapping(random, 48);
        m.size = 4096;
        if (!guest.Map(m.address, m.target, m.size, m.writable ? 0 : 0x80)) continue;
        const std::uint64_t lands = (0x20'0000'0000 + random() % 0x10'0000'0000) / 4096 * 4096;
        if (!host.Map(m.target, lands, 4096, 0x80)) continue;
        m.target = lands;
        mapped.push_back(m);
      }
      for (std::uint64_t page = 0x2000'0000; page < next_guest; page += 4096)
        ASSERT_TRUE(host.Map(page, page, 4096, 0));
      ASSERT_TRUE(host.Map(kContext, kContext, 4096, 0));
      world.memory.Put(kContext, {kCd0, guest.root(), 0, 0, 0, 0, 0, 0});
    }
    ASSERT_FALSE(mapped.empty());
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % m.size;
      world.transaction.address = m.address + offset;
      const std::optional<std::uint16_t> asid =
          nested ? std::optional<std::uint16_t>(0x5a) : std::nullopt;
      EXPECT_EQ(world.Translate(), SmmuV3Outcome(SmmuV3Translation{m.target + offset, true,
                                                                   m.writable, m.size, asid, 7}));
    }
  }
}

}  // namespace
}  // namespace holdfast::hardware
