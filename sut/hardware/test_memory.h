// Memories for the walkers' tests. Each memory counts the reads, and insists on aligned addresses.
#ifndef HOLDFAST_SUT_HARDWARE_TEST_MEMORY_H_
#define HOLDFAST_SUT_HARDWARE_TEST_MEMORY_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "sut/hardware/physical_memory.h"

namespace holdfast::hardware {

class CountingMemory : public PhysicalMemory {
 public:
  std::optional<std::uint64_t> Read(std::uint64_t address) const final {
    EXPECT_EQ(address % 8, 0u) << "misaligned read at 0x" << std::hex << address;
    ++reads_;
    return Answer(address);
  }

  int reads() const { return reads_; }
  void ClearReads() { reads_ = 0; }

 private:
  virtual std::optional<std::uint64_t> Answer(std::uint64_t address) const = 0;

  mutable int reads_ = 0;
};

// Pages of words that a test has written. A page answers once a word of the page was touched; the
// other words of the page are zero.
class SparseMemory : public CountingMemory {
 public:
  // The word at `address`.
  std::uint64_t& operator[](std::uint64_t address) {
    pages_[address >> 12];
    return pages_[address >> 12][(address & 0xfff) / 8];
  }

  // An entry of several words.
  void Put(std::uint64_t address, std::initializer_list<std::uint64_t> words) {
    for (const std::uint64_t word : words) {
      (*this)[address] = word;
      address += 8;
    }
  }

  // The page no longer answers.
  void RemovePage(std::uint64_t address) { pages_.erase(address >> 12); }

 private:
  struct Page {
    std::uint64_t words[512] = {};
    std::uint64_t& operator[](std::uint64_t index) { return words[index]; }
    std::uint64_t operator[](std::uint64_t index) const { return words[index]; }
  };

  std::optional<std::uint64_t> Answer(std::uint64_t address) const override {
    const auto page = pages_.find(address >> 12);
    if (page == pages_.end()) return std::nullopt;
    return page->second[(address & 0xfff) / 8];
  }

  std::map<std::uint64_t, Page> pages_;
};

// A different word at every address, always the same for one seed; one page in eight does not
// answer. Pure garbage ends a walk at its first reserved bit. So most words are tame: a small
// address and a few low bits. Words that were Put are as they should be.
class GarbageMemory : public CountingMemory {
 public:
  explicit GarbageMemory(std::uint64_t seed) : seed_(seed) {}

  void Put(std::uint64_t address, std::initializer_list<std::uint64_t> words) {
    for (const std::uint64_t word : words) {
      put_[address] = word;
      address += 8;
    }
  }

 private:
  static std::uint64_t Scramble(std::uint64_t x) {
    x ^= x >> 33, x *= 0xff51afd7ed558ccd;
    x ^= x >> 33, x *= 0xc4ceb9fe1a85ec53;
    return x ^ x >> 33;
  }

  std::optional<std::uint64_t> Answer(std::uint64_t address) const override {
    if (const auto word = put_.find(address); word != put_.end()) return word->second;
    if (Scramble(seed_ + (address >> 12)) % 8 == 0) return std::nullopt;
    const std::uint64_t word = Scramble(seed_ * 31 + address);
    if (word % 16 == 0) return word;
    return (word & 0x3'ffff'f000) | (word >> 40 & 0x447) | (word >> 40 & word >> 52 & 0x80) | 0x1;
  }

  std::uint64_t seed_;
  std::map<std::uint64_t, std::uint64_t> put_;
};

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_TEST_MEMORY_H_
