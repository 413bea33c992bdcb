// The writable data of this shared object: the static variables of the implementation in the
// object.
//
// The image holds a WARN_ON_ONCE that has fired, an FLB's descriptor, and any value that an
// implementation hides in a static. The image is saved with the machine. A reset sets the image
// back, and so does a kexec, because a new kernel starts with fresh data.
//
// The rest of the object therefore keeps no static that changes after PowerOn(). The adapter's own
// state is on the process's heap.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_IMAGE_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_IMAGE_H_

#include <cstddef>
#include <span>
#include <vector>

namespace holdfast::kernel {

class Image {
 public:
  // Finds the writable segments of the object that contains this code. Segments that the loader
  // made read-only are left out.
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
