// What the hardware makes of a port's tables: where each device's DMA goes, and whether the pages
// that it needs are preserved.
//
// Everything is walked by sut/hardware from the units' registers, over the pages that are there; a
// page that was freed or did not come over answers nothing. So right after a kexec this is the walk
// from preserved pages alone.
//
// An id tags what a unit caches: two domains behind one unit under the same id are two whose
// requests end up in each other's memory, and the devices of both reach something else than their
// domain.
//
// Cost: for each device one translation for each mapping of a domain and each address that none
// maps, and a look at each page that is in use. How much memory there is, or has been, does not
// count (//sut/ports:benchmark).
#ifndef HOLDFAST_SUT_KERNEL_REACH_H_
#define HOLDFAST_SUT_KERNEL_REACH_H_

#include <array>
#include <cstdint>

#include "model/reach.h"
#include "model/state.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {

// A unit's registers as they are when power comes on.
void ResetRegisters(enum holdfast_hardware hardware, std::uint64_t* registers);

// After an attach: how the hardware knows the domain that the device is now attached to.
void LearnDomain(int domain, int device);

// The pages that were read for one device, in the order of the first read; those of its unit (root,
// context and stream tables) come first.
struct TablePages {
  std::array<std::int16_t, 40> page;
  std::uint8_t count = 0, of_unit = 0;
};

class HardwareObserver {
 public:
  // For a machine with units.
  void ObserveReach(Reach& reach);
  // After ObserveReach, with the records decoded. A bit is set if the object has a live record and
  // every page that the hardware needs of it is preserved. Stray is a preserved page that is
  // neither among `reachable`, the FLB's own, nor a table that the unit of a live record goes
  // through, a table of a live device's or domain's own, or allocated with KHO by an op whose
  // object has a live record.
  void ObserveTables(const Flb& flb, int reachable, KhoPages& kho) const;

 private:
  std::array<TablePages, kMaxDevices> tables_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_REACH_H_
