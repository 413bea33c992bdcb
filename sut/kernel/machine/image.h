// The writable data of this shared object: the static variables of the implementation in it.
//
// A WARN_ON_ONCE that has fired, an FLB's descriptor, whatever an implementation hides in a static:
// it is saved with the machine, set back by a reset, and set back by a kexec, as a new kernel's
// data is. So that this harms nobody, the rest of the object keeps no static that changes after
// PowerOn(); the adapter's own state is on the process's heap.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_IMAGE_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_IMAGE_H_

#include <cstddef>
#include <span>
#include <vector>

namespace holdfast::kernel {

class Image {
 public:
  // Finds the writable segments of the object that this code is part of, without what the loader
  // made read-only.
  Image();

  std::size_t size() const { return size_; }
  void CopyTo(std::byte* bytes) const;
  void CopyFrom(const std::byte* bytes) const;
  bool Holds(const std::byte* bytes) const;

 private:
  std::vector<std::span<std::byte>> ranges_;
  std::size_t size_ = 0;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_IMAGE_H_
