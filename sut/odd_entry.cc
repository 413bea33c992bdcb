// Shared objects that the loader must refuse: one for each setting of HOLDFAST_ODD.
#include "sut/entry.h"

namespace {

holdfast::Sut* MakeNothing() { return nullptr; }

}  // namespace

extern "C" __attribute__((visibility("default"))) const holdfast::SutEntry* HOLDFAST_ODD_SYMBOL() {
  static holdfast::SutEntry entry = {.make = MakeNothing};
  entry.HOLDFAST_ODD;
  return &entry;
}
