// The tables that a unit uses for a request, as the unit's own structures describe them. A record
// that describes the same tables to a later kernel is held against these.
#ifndef HOLDFAST_SUT_HARDWARE_TABLES_IN_USE_H_
#define HOLDFAST_SUT_HARDWARE_TABLES_IN_USE_H_

#include <cstdint>

namespace holdfast::hardware {

struct TablesInUse {
  std::uint64_t top = 0;  // the address of the first table of the last stage
  int levels = 0;
  int input_bits = 0;        // the width of an address that the tables translate
  bool first_stage = false;  // VT-d: in the processor's format
  // The device's own table: VT-d's PASID directory, SMMUv3's table of CDs; 0: the unit uses none.
  std::uint64_t contexts = 0;
  std::uint64_t context_count = 0;  // PASIDs or CDs for which that table has room
};

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_TABLES_IN_USE_H_
