// The damages of an image, by number: each field that a core reads, or could read, with several
// values.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_DAMAGES_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_DAMAGES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sut/damaged_image.h"
#include "sut/kernel/binding.h"

namespace holdfast::kernel {

struct PlannedDamage {
  std::byte* at;
  std::uint64_t value;
  std::uint8_t size;  // of the field, 4 or 8 bytes
  DamagedField field;
};

// Of the sound image that came over, after SpreadRecords. In each chain these are damaged: the link
// and the count of every page, and the fields of the first and of the last live record.
std::vector<PlannedDamage> DamagesOf(const RecordLayout& layout);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_DAMAGES_H_
