// A copy of the memory as it was at one moment: tells whether it has changed since, and takes the
// changes back.
//
// Every byte is looked at, so nothing is believed of the code that ran. What it saves is to write,
// and to make canonical, what did not change: a search takes back every command that it runs, and
// most commands change a few words or none.
//
// Only words are taken back. Where pages or objects came or went, Undo refuses, and the memory is
// to be restored from a snapshot.
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
  // Looks again only after Forget(), which is due before code runs that could write.
  bool Changed();
  void Forget() { looked_ = false; }
  // Where the memory and the copy differ, in whole blocks but for the last one of each; nothing, if
  // more than words of the arena may have changed. After Changed().
  struct Change {
    std::byte* to;
    const std::byte* from;
    std::size_t size;
  };
  std::span<const Change> changes() const {
    return image_changed_ || layout_changed_ ? std::span<const Change>()
                                             : std::span<const Change>(changes_);
  }
  // Makes the memory what it was. False if it cannot: then nothing was touched.
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
