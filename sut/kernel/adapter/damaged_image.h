// The next kernel meets a damaged image (sut/damaged_image.h).
//
// Every freed page traps while the image is taken over, and the pages of records lie apart
// (spread_records.h). So a read out of the records crashes, and each answer is known from the
// outcome of a call. A BUG is told from any other crash: code that stops itself has not followed.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_DAMAGED_IMAGE_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_DAMAGED_IMAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/topology.h"
#include "sut/damaged_image.h"
#include "sut/kernel/binding.h"

namespace holdfast::kernel {

class KernelSut;

// What each object gets from the sound image; nullptr: nothing.
struct SoundImage {
  std::array<const std::byte*, kMaxIommus> iommus = {};    // its record
  std::array<const std::byte*, kMaxDevices> devices = {};  // its record
  std::array<const std::byte*, kMaxDevices> domains = {};  // the record of its domain
};

class KernelDamagedImage : public DamagedImage {
 public:
  KernelDamagedImage(KernelSut& sut, const Binding& binding) : sut_(sut), binding_(binding) {}

  std::optional<DamagedField> Plant(std::size_t number) override;
  TakenOver TakeOver() override;

 private:
  KernelSut& sut_;
  const Binding& binding_;
  SoundImage sound_;  // of the last Plant, before the damage
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_DAMAGED_IMAGE_H_
