// A copy of the memory at one moment. The mirror tells whether the memory has changed since, and
// takes the changes back.
//
// The mirror looks at every byte, and trusts nothing about the code that ran. It saves writes, and
// the canonical form of unchanged memory: a search takes back every command, and most commands
// change a few words or none.
//
// The mirror takes back only words. If pages or objects came or went, Undo refuses, and the caller
// restores the memory from a snapshot.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_MIRROR_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_MIRROR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sut/kernel/machine/image.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

class Mirror {
 public:
  explicit Mirror(const Image& image) : image_(image) {}

  void Take();
  // Looks again only after Forget(). The caller forgets before code runs that could write.
  bool Changed();
  void Forget() { looked_ = false; }
  // The places where the memory and the copy differ, in whole blocks except for the last one of
  // each. Empty if more than words of the arena may have changed. After Changed().
  struct Change {
    std::byte* to;
    const std::byte* from;
    std::size_t size;
  };
  std::span<const Change> changes() const {
    return image_changed_ || layout_changed_ ? std::span<const Change>()
                                             : std::span<const Change>(changes_);
  }
  // Makes the memory as it was. False if that is not possible: then nothing was touched.
  bool Undo();

 private:
  void Look();
  void Compare(std::byte* memory, const std::byte* copy, std::size_t size);

  const Image& image_;
  std::vector<std::byte> image_then_;
  std::vector<std::byte> heap_;   // the machine included
  std::vector<std::byte> pages_;  // of the pool, each as long as its extent was
  std::vector<std::uint16_t> extents_;

  bool looked_ = false;
  bool image_changed_ = false, layout_changed_ = false;
  std::vector<Change> changes_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_MIRROR_H_
