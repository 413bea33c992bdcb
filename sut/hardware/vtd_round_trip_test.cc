// Random mappings, built by a few lines that know no bit field, come back from VT-d's walker.

#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sut/hardware/access.h"
#include "sut/hardware/test_memory.h"
#include "sut/hardware/vtd.h"
#include "sut/hardware/vtd_fault.h"
#include "sut/hardware/vtd_world.h"

namespace holdfast::hardware {
namespace {

using namespace vtd_world;
using F = VtdFault;

// Indices by division; one class for both stages.
class Builder {
 public:
  // `leaf` and `table` are the low bits of an entry; new tables come from `next_page`, each with a
  // hole after it.
  Builder(SparseMemory& memory, int levels, std::uint64_t table, std::uint64_t leaf,
          std::uint64_t& next_page)
      : memory_(memory),
        levels_(levels),
        table_(table),
        leaf_(leaf),
        next_page_(next_page),
        root_(NewTable()) {}

  std::uint64_t root() const { return root_; }

  // False where something larger or smaller is in the way.
  bool Map(std::uint64_t address, std::uint64_t target, std::uint64_t page_size,
           std::uint64_t rights) {
    std::uint64_t span = 4096, node = root_;
    for (int level = 1; level < levels_; ++level) span *= 512;
    for (; span > page_size; span /= 512) {
      std::uint64_t& entry = memory_[node + address / span % 512 * 8];
      if (entry & 0x80) return false;
      if (entry == 0) {
        const std::uint64_t fresh = NewTable();
        memory_[node + address / span % 512 * 8] = fresh + table_;
        node = fresh;
      } else {
        node = entry - table_;
      }
    }
    std::uint64_t& entry = memory_[node + address / span % 512 * 8];
    if (entry != 0) return false;
    entry = target + (leaf_ & ~3ull) + rights + (page_size > 4096 ? 0x80 : 0);
    return true;
  }

 private:
  std::uint64_t NewTable() {
    const std::uint64_t page = next_page_;
    next_page_ += 8192;
    memory_[page];
    return page;
  }

  SparseMemory& memory_;
  int levels_;
  std::uint64_t table_, leaf_;
  std::uint64_t& next_page_;
  std::uint64_t root_;
};

struct Mapping {
  std::uint64_t address, target, size, rights;
};

// Some page of `levels` levels' reach, and a target for it.
Mapping RandomMapping(std::mt19937_64& random, int levels) {
  constexpr std::uint64_t kSizes[] = {4096, 4096, 4096, 0x20'0000, 0x4000'0000};
  Mapping m;
  m.size = kSizes[random() % 5];
  // Half of them close together, so that they share tables.
  const std::uint64_t reach = random() % 2 ? 0x1000'0000 : 1ull << (11 + 9 * levels);
  m.address = random() % reach / m.size * m.size;
  m.target = (0x10'0000'0000 + random() % 0x10'0000'0000) / m.size * m.size;
  m.rights = 1 + random() % 3;
  return m;
}

TEST(VtdRoundTrip, SecondStageGivesBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = seed % 2 ? Legacy() : Scalable();
    const int levels = 3 + static_cast<int>(random() % 3);
    std::uint64_t next_page = 0x10'0000;
    Builder builder(world.memory, levels, 3, 0, next_page);
    const std::uint64_t width = static_cast<std::uint64_t>(levels) - 2;
    if (seed % 2) {
      world.memory.Put(kContext, {builder.root() + 1, 0x7700 + width});
    } else {
      world.memory.Put(kPasid,
                       {builder.root() + (2 << 6) + (width << 2) + 1, 0x77, 0, 0, 0, 0, 0, 0});
    }
    std::vector<Mapping> mapped;
    for (int i = 0; i < 20; ++i) {
      const Mapping m = RandomMapping(random, levels);
      if (m.address / 0x10'0000 == 0xfee) continue;
      if (builder.Map(m.address, m.target, m.size, m.rights)) mapped.push_back(m);
    }
    ASSERT_FALSE(mapped.empty());
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % m.size;
      if ((m.address + offset) / 0x10'0000 == 0xfee) continue;
      const bool readable = m.rights % 2 == 1, writable = m.rights >= 2;
      world.request.address = m.address + offset;
      world.request.access = readable ? Access::kRead : Access::kWrite;
      EXPECT_EQ(world.Translate(),
                VtdOutcome(VtdTranslation{m.target + offset, readable, writable, m.size, 0x77}));
      if (readable && writable) continue;
      world.request.access = readable ? Access::kWrite : Access::kRead;
      EXPECT_EQ(world.Translate(), VtdOutcome(seed % 2 ? (readable ? F::kLgn2 : F::kLgn3)
                                                       : (readable ? F::kSgn6 : F::kSgn7)));
    }
    // An address in none of them is blocked.
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t address = RandomMapping(random, levels).address;
      bool free = address / 0x10'0000 != 0xfee;
      for (const Mapping& m : mapped)
        free = free && (address < m.address || address >= m.address + m.size);
      if (!free) continue;
      world.request.address = address;
      world.request.access = Access::kRead;
      EXPECT_EQ(world.Translate(), VtdOutcome(seed % 2 ? F::kLgn3 : F::kSss2));
    }
  }
}

TEST(VtdRoundTrip, FirstStageAndNestedGiveBackWhatWasMapped) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    World world = Scalable();
    const bool nested = random() % 2;
    std::uint64_t next_page = 0x10'0000, next_guest_page = 0x2000'0000;
    Builder host(world.memory, 4, 3, 0, next_page);
    // The first stage's tables are where guest and host address are the same.
    Builder guest(world.memory, 4, 7, 7, next_guest_page);
    std::vector<Mapping> mapped;
    for (int i = 0; i < 10; ++i) {
      Mapping m = RandomMapping(random, 4);
      m.size = 4096;
      if (m.address / 0x10'0000 == 0xfee) continue;
      const std::uint64_t rights = m.rights == 3 ? 3 : 1;  // present, and perhaps R/W
      if (!guest.Map(m.address, m.target, m.size, rights)) continue;
      m.rights = rights;
      if (nested) {
        const std::uint64_t lands = (0x20'0000'0000 + random() % 0x10'0000'0000) / 4096 * 4096;
        if (!host.Map(m.target, lands, 4096, 3)) continue;
        m.target = lands;
      }
      mapped.push_back(m);
    }
    if (nested) {
      for (std::uint64_t page = 0x2000'0000; page < next_guest_page; page += 4096)
        ASSERT_TRUE(host.Map(page, page, 4096, 3));
    }
    ASSERT_FALSE(mapped.empty());
    const std::uint64_t type = nested ? 3 << 6 | 2 << 2 : 1 << 6;
    world.memory.Put(kPasid,
                     {(nested ? host.root() : 0) + type + 1, 0x77, guest.root(), 0, 0, 0, 0, 0});
    for (const Mapping& m : mapped) {
      const std::uint64_t offset = random() % 4096;
      world.request.address = m.address + offset;
      EXPECT_EQ(world.Translate(),
                VtdOutcome(VtdTranslation{m.target + offset, true, m.rights == 3, 4096, 0x77}));
    }
  }
}

}  // namespace
}  // namespace holdfast::hardware
