// The memory of the simulated kernel without its naming: what two histories must share to have the
// same future.
//
// A walk from the roots, as a garbage collector's: what the implementation can still reach is kept
// to the byte, and what it cannot is left out. The roots are the session, the implementation's
// writable data, the kernel's objects, and the records of the FLB that goes out and of the one that
// came in. Every word that is an address of a record, a page or an object becomes the name of that
// thing: its place among the live records of its chain, or else the number by which the walk came
// to it first. Naming is therefore
//   - which page, which slot, which object of the heap: addresses, how many were given out before,
//     what was freed;
//   - but with Past::kWhole, the DELETED records to which no pointer leads, their number included;
//   - with Past::kForgotten, the order of the live records of a chain: they come by the hardware or
//     the table that they are of.
// All else is state, whoever wrote it: a static, a byte behind the last record of a page, a field
// that nobody knows. A pointer that is not recognized (at an odd place of a record) stays an
// address: that tells too many memories apart, and never too few.
//
// What is lost. To tell by what is left out, code must walk a chain, past the DELETED flag or for
// the order of what is live, count the records of a page, or do arithmetic on addresses. The first
// place where sound code does so is a page's last slot: so memories with a page more are told
// apart, and whoever merges states says up to how many slots. Other code is caught with kWhole,
// where nothing of a record is left out, in worlds small enough that every past can be told apart.
//
// Cost: linear in the words in use; a page's zero tail is not looked at again (ExtentOf).
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_CANONICAL_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_CANONICAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sut/kernel/binding.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/adapter/mirror.h"
#include "sut/kernel/machine/page_owners.h"
#include "sut/kernel/records.h"
#include "sut/sut.h"

namespace holdfast::kernel {

class Canonicalizer {
 public:
  explicit Canonicalizer(const RecordLayout& layout);

  // A walk, to be used again.
  struct Walked {
    std::optional<Past> past;  // nothing: no walk
    std::vector<std::uint64_t> words;
    std::size_t objects = 0;  // in `words`: where it begins to say what the kernel's objects hold
  };

  // `image` and `heap` are what the implementation's data and the heap hold now; both are compared
  // with how the case began.
  void Walk(Past past, const std::vector<std::byte>& image,
            const std::vector<std::byte>& image_base, const HeapBase& heap_base,
            std::vector<std::uint64_t>& words);
  // The same, of the memory that is to be gone on from: Patch() makes others of it.
  void Walk(Past past, const std::vector<std::byte>& image,
            const std::vector<std::byte>& image_base, const HeapBase& heap_base, Walked& walked);

  // What Walk() makes of the memory that differs from the one of `walked` in `changes`, without a
  // walk. False, and `words` says nothing, unless all that changed are words of the kernel's
  // objects that were and are no addresses, and there are no units with data of their own: then
  // every name is what it was, and only what the objects hold is to be said anew.
  bool Patch(const Walked& walked, std::span<const Mirror::Change> changes,
             const HeapBase& heap_base, std::vector<std::uint64_t>& words) const;

 private:
  // A chain of records in one of the two FLBs.
  struct Role {
    std::uint32_t walk = 0;  // the number of the walk that wrote this; else it says nothing
    // 0 to 2 of the FLB that goes out, 3 to 5 of the one that came in
    std::uint8_t chain = 0;
    std::uint8_t page = 0;  // of its chain, from 0
    std::uint16_t objects = 0;
    std::uint32_t first_record = 0;  // in places_
  };
  struct Record {
    std::uint64_t object;  // what it is a record of, as it says itself
    const std::byte* bytes;
    std::uint32_t number;  // in places_
  };
  // Something that a pointer led to: a dead record, an object of the heap, pages, or an address of
  // freed memory.
  struct Found {
    std::size_t offset;  // of its start, in the arena
    std::size_t size;    // 0: freed, or nothing; only its name counts
  };

  void FindRecords(std::uint64_t top, int first_chain);
  void EmitSession();
  void EmitChanges(const std::byte* memory, const std::byte* base, std::size_t size);
  void EmitFlb(std::uint64_t top, int first_chain);
  std::uint64_t ObjectOf(const std::byte* record, Chain chain) const;
  void EmitPage(int page, const Role& role);
  void EmitRecord(const std::byte* record, std::size_t size, int chain);
  void EmitFound();
  void EmitBytes(const std::byte* from, std::size_t size);
  void EmitWord(std::uint64_t word);
  std::uint64_t NameOf(std::size_t offset, std::uint64_t kind);
  std::uint64_t NameFound(std::size_t offset, std::size_t into, std::size_t size,
                          std::uint64_t kind);
  void Emit(std::uint64_t word) { words_->push_back(word); }
  void EmitPageFlags(int page);
  void EmitOwnedUnseen(const PageOwners& owners);

  const RecordLayout& layout_;
  std::array<std::uint32_t, 3> sizes_, capacities_;  // of a record, by chain
  std::vector<std::uint64_t>* words_ = nullptr;
  std::size_t objects_ = 0;  // of the last walk
  Past past_ = Past::kForgotten;
  std::uint32_t walk_ = 0;
  std::uint32_t preserved_seen_ = 0;
  // by record: its place among the live ones of its chain, or -1 if it is DELETED
  std::vector<std::int16_t> places_;
  std::array<std::vector<Record>, 6> live_;  // by chain, in their order
  std::vector<Found> found_;
  std::array<Role, kArenaPages> roles_{};
  // the number of the walk that came to the page; kept where there are units
  std::array<std::uint32_t, kArenaPages> seen_{};
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_CANONICAL_H_
