// DMA in the middle of a driver's call: rule R13 at every write, and not only before and after.
//
// The devices that a live update preserves do DMA all the time, so a moment without an entry is a
// lost transaction. While a DmaWatch lives, the hardware walks the tables for each watched device
// after each write to a table or a register that its DMA depends on (machine/accesses.h). A watched
// device must go on to the same domain. The first device that does not is Finding::kDmaDisturbed,
// with the device, the address, what the walk met, and the code that wrote.
//
// What the watch allows: any order of writes whose states all translate alike. Examples are an
// entry that is written again with its own value, and a new table that is complete before one write
// makes it the table in use. The first walk comes before the first write that counts, so a watch
// blames nobody for what was broken before.
//
// Cost: nothing for a driver that writes to no table in use. Else a walk for each write that
// changes a word of such a table.
#ifndef HOLDFAST_SUT_KERNEL_DMA_DMA_WATCH_H_
#define HOLDFAST_SUT_KERNEL_DMA_DMA_WATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/topology.h"
#include "sut/kernel/dma/caches.h"
#include "sut/kernel/machine/accesses.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// The devices with a record of this kernel (bits), and those that keep the domain of their record
// of the kernel before. Nobody may disturb their DMA.
std::uint16_t PreservedDevices();
std::uint16_t AdoptedDevices();

class DmaWatch final : AccessWatcher {
 public:
  // Watches those of the devices (bits) whose DMA reaches a domain; and the entries of all devices,
  // for the caches. `when` is for the report. A watch within a watch does nothing.
  DmaWatch(std::uint16_t devices, const char* when);
  ~DmaWatch();
  DmaWatch(const DmaWatch&) = delete;

 private:
  // The write that was announced last, with the bytes that were there before.
  struct Pending {
    const std::byte* address;
    std::size_t size;
    const void* code;
    std::byte before[kPageSize];
  };

  void BeforeWrite(const void* address, std::size_t size, const void* code) override;
  bool Counts(const void* address);
  bool CountsForDma(const void* address, bool is_table);
  void Remember(const void* address, std::size_t size, const void* code);
  // The pending write has happened.
  void Settle();
  void Begin();
  void Look(const void* code);

  const bool outermost_;
  const char* const when_;
  std::uint16_t devices_;
  bool begun_ = false;
  EntriesInMemory entries_;
  PageSet pages_;  // that the walks of the watched devices went through
  std::array<std::uint8_t, kMaxDevices> reaches_;
  Pending pending_;  // size 0: none
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DMA_DMA_WATCH_H_
