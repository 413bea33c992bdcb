// The memory of the simulated kernel without its naming. Two histories with the same canonical
// memory have the same future.
//
// The canonicalizer walks from the roots, as a garbage collector does. Memory that the
// implementation can still reach is kept to the byte; unreachable memory is left out. The roots are
// the session, the implementation's writable data, the kernel's objects, and the records of the
// outgoing and of the incoming FLB.
//
// Every word that is an address of a record, a page or an object becomes the name of that thing.
// The name is the thing's place among the live records of its chain, or else the number by which
// the walk came to the thing first. So naming covers:
//   - which page, which slot, which object of the heap: addresses, the number of things given out
//     before, the memory that was freed;
//   - except with Past::kWhole: the DELETED records to which no pointer leads, and their number;
//   - with Past::kForgotten: the order of the live records of a chain. They are sorted by their
//     hardware or their table.
//
// All else is state, by any writer: a static, a byte behind the last record of a page, a field
// without a known meaning. A pointer at an odd place of a record is not recognized and stays an
// address. That tells too many memories apart, and never too few.
//
// The limit: some code can tell apart two memories that this form makes equal. Such code walks a
// chain past the DELETED flag or for the order of live records. Or the code counts the records of a
// page, or does arithmetic on addresses. Sound code does so first at a page's last slot. So
// memories with a page more are told apart, and a search that merges states says up to how many
// slots. Other code is caught with kWhole, which leaves out nothing of a record, in worlds small
// enough to tell every past apart.
//
// Cost: linear in the words in use. A page's zero tail is not looked at again (ExtentOf).
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

  // A walk, for later use.
  struct Walked {
    std::optional<Past> past;  // nothing: no walk
    std::vector<std::uint64_t> words;
    std::size_t objects = 0;  // in `words`: where it begins to say what the kernel's objects hold
  };

  // `image` is the implementation's data now. `image_base` and `heap_base` are the data and the
  // heap at the beginning of the case. `places` gets the places of the words (CanonicalMemory).
  void Walk(Past past, const std::vector<std::byte>& image,
            const std::vector<std::byte>& image_base, const HeapBase& heap_base,
            std::vector<std::uint64_t>& words, std::vector<std::uint64_t>* places = nullptr);
  // The same, for a memory that a search goes on from: Patch() derives the words of the following
  // memories.
  void Walk(Past past, const std::vector<std::byte>& image,
            const std::vector<std::byte>& image_base, const HeapBase& heap_base, Walked& walked);

  // The words that Walk() would make of a memory that differs from the memory of `walked` in
  // `changes`, without a walk.
  //
  // True only if every changed word belongs to the kernel's objects, neither was nor is an address,
  // and no unit has data of its own. Then every name stays, and only the contents of the objects
  // are new. If false, `words` is meaningless.
  bool Patch(const Walked& walked, std::span<const Mirror::Change> changes,
             const HeapBase& heap_base, std::vector<std::uint64_t>& words) const;

 private:
  // What a field belongs to, for the place of its word.
  enum class Region : std::uint8_t {
    kStructure,  // nothing
    kData,       // the implementation's writable data; the field's offset
    kObjects,    // the kernel's objects
    kHwRecord,   // a record of a chain; the offset in the record
    kDomainRecord,
    kDeviceRecord,
    kFound,  // a thing that a pointer led to; the offset in the thing
  };

  // A chain of records in one of the two FLBs.
  struct Role {
    std::uint32_t walk = 0;  // the number of the walk that wrote this; else it says nothing
    // 0 to 2: a chain of the outgoing FLB; 3 to 5: of the incoming one
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
  // A thing that a pointer led to: a DELETED record, an object of the heap, pages, or an address of
  // freed memory.
  struct Found {
    std::size_t offset;  // of its start, in the arena
    std::size_t size;    // 0: freed, or nothing; only its name counts
  };

  void FindRecords(std::uint64_t top, int first_chain);
  void EmitSession();
  void EmitChanges(Region region, std::size_t start, const std::byte* memory, const std::byte* base,
                   std::size_t size);
  void EmitFlb(std::uint64_t top, int first_chain);
  std::uint64_t ObjectOf(const std::byte* record, Chain chain) const;
  void EmitPage(int page, const Role& role);
  void EmitRecord(const std::byte* record, std::size_t size, int chain);
  void EmitFound();
  void EmitBytes(Region region, const std::byte* from, std::size_t size);
  void EmitWord(std::uint64_t word);
  std::uint64_t NameOf(std::size_t offset, std::uint64_t kind);
  std::uint64_t NameFound(std::size_t offset, std::size_t into, std::size_t size,
                          std::uint64_t kind);
  void Emit(std::uint64_t word) { words_->push_back(word); }
  void NotePlaces(std::size_t first_word, Region region, std::size_t offset);
  void EmitPageFlags(int page);
  void EmitOwnedUnseen(const PageOwners& owners);

  const RecordLayout& layout_;
  std::array<std::uint32_t, 3> sizes_, capacities_;  // of a record, by chain
  std::vector<std::uint64_t>* words_ = nullptr;
  std::vector<std::uint64_t>* places_of_words_ = nullptr;  // null: not asked for
  std::size_t objects_ = 0;                                // of the last walk
  Past past_ = Past::kForgotten;
  std::uint32_t walk_ = 0;
  std::uint32_t preserved_seen_ = 0;
  // by record: its place among the live records of its chain, or -1 if the record is DELETED
  std::vector<std::int16_t> places_;
  std::array<std::vector<Record>, 6> live_;  // by chain, in their order
  std::vector<Found> found_;
  std::array<Role, kArenaPages> roles_{};
  // the number of the walk that came to the page; kept only with units
  std::array<std::uint32_t, kArenaPages> seen_{};
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_CANONICAL_H_
