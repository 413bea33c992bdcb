// The hardware's reading of a port's tables: the targets of each device's DMA, and whether the
// pages that the hardware needs are preserved.
//
// sut/hardware walks all tables from the units' registers, over the pages that are there. A page
// that was freed or did not come over answers nothing. So right after a kexec the walk sees
// preserved pages alone.
//
// An id tags the entries of a unit's cache. If two domains behind one unit have the same id, each
// domain's requests end up in the other's memory. The devices of both domains then reach something
// else than their domain.
//
// Cost: for each device one translation for each mapping of a domain and each unmapped address, and
// a look at each page in use. The cost does not grow with the amount of memory
// (//sut/ports:benchmark).
#ifndef HOLDFAST_SUT_KERNEL_DMA_REACH_H_
#define HOLDFAST_SUT_KERNEL_DMA_REACH_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/reach.h"
#include "model/state.h"
#include "sut/hardware/tables_in_use.h"
#include "sut/kernel/dma/request.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {

// A unit's registers at power-on.
void ResetRegisters(enum holdfast_hardware hardware, std::uint64_t* registers);

// After an attach: learns how the hardware knows the domain that the device is now attached to.
void LearnDomain(int domain, int device);

// The domain that the device reaches, or a value of Reach. Adds the pages that were read to
// `through`.
std::uint8_t WalkDevice(int device, PageSet& through);

// The tables that the device's first id goes through; nothing: it gets to no page table.
std::optional<hardware::TablesInUse> TablesOfDevice(int device);

// For a report (Sut::ExplainReach): the ids of the device that do not reach `owed`.
std::vector<std::string> ExplainReach(int device, std::uint8_t owed);

class HardwareObserver {
 public:
  // For a machine with units.
  void ObserveReach(Reach& reach);
  // After ObserveReach, with the records decoded. A bit is set if the object has a live record and
  // every page that the hardware needs of the object is preserved.
  //
  // A preserved page is stray unless it is one of these:
  //   - one of the FLB's own (`reachable`);
  //   - a table that the unit of a live record goes through;
  //   - a table of a live device's or domain's own;
  //   - allocated with KHO by an op whose object has a live record.
  void ObserveTables(const Flb& flb, int reachable, KhoPages& kho) const;

 private:
  std::array<TablePages, kMaxDevices> tables_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DMA_REACH_H_
