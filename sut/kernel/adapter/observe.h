// The decoder: turns an implementation's memory and live pointers into a State.
//
// The decoder trusts no word that it reads. A chain is walked at most once over each page. An
// address is a slot number only if the address is the start of a record that is there. Anything
// wrong becomes Damage or kWild in the state, and never a crash or a hang of the observer.
//
// Cost: linear in the slots. A table of pages, made while the chains are walked, turns an address
// into a slot number with one look.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_OBSERVE_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_OBSERVE_H_

#include <array>
#include <cstdint>

#include "sut/kernel/binding.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/dma/reach.h"
#include "sut/kernel/records.h"
#include "sut/kernel/units.h"
#include "sut/sut.h"

namespace holdfast::kernel {

class Observer {
 public:
  explicit Observer(const Binding& binding);

  // Overwrites all of `observation`. The implementation answers the queries, unless the pointer
  // that a query would read through is no record. Then the pointer is the answer.
  void Observe(Observation& observation);

 private:
  // The role of a page of the arena in the FLB that is being decoded.
  struct PageRole {
    std::uint32_t decode = 0;  // the number of the decoding that wrote this; else it says nothing
    Chain chain = Chain::kHw;
    bool top = false;  // the top record's
    std::uint16_t objects = 0;
    std::int32_t first_slot = 0;
  };

  void DecodeFlb(std::uint64_t data, const PageSet& survivors, Flb& flb);
  template <typename Slot, typename Decode>
  void WalkChain(std::uint64_t physical, Chain chain, const PageSet& survivors,
                 std::uint8_t& damage, std::vector<Slot>& slots, Decode decode);
  SlotRef RefOf(int page, std::size_t offset, Chain chain) const;
  SlotRef RefOfPointer(const void* pointer, Chain chain) const;
  SlotRef RefOfPhysical(std::uint64_t physical, Chain chain) const;
  bool Deleted(const std::byte* record) const;
  HwSlot DecodeHw(const std::byte* record) const;
  DomainSlot DecodeDomain(const std::byte* record) const;
  DeviceSlot DecodeDevice(const std::byte* record) const;
  void ObserveIncoming(State& state, const Units* units);
  void ObserveObjects(State& state) const;
  void AskQueries(Observation& observation);
  void AskEach(const State& state, Queries& queries) const;
  void ObservePages(KhoPages& kho) const;

  // The size of a chain's records, and the number of records in a page. Computed once.
  struct Shape {
    std::uint32_t size, capacity;
  };
  Shape ShapeOf(Chain chain) const { return shapes_[static_cast<std::size_t>(chain)]; }

  const Binding& binding_;
  const RecordLayout& layout_;
  std::array<Shape, 3> shapes_;  // by Chain
  std::uint32_t decode_ = 0;
  Outcome ignored_;    // of the queries; kept, because to make one costs as much as to ask
  int reachable_ = 0;  // preserved pages of the outgoing FLB
  std::array<PageRole, kArenaPages> roles_{};
  // With hardware only: how the hardware knew the domains when the FLB was written that is being
  // decoded.
  const KnownDomains* known_ = nullptr;
  HardwareObserver hardware_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_OBSERVE_H_
