#include "sut/kernel/machine/rehearsal.h"

#include <cstddef>
#include <vector>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/image.h"
#include "sut/kernel/machine/memory.h"

namespace holdfast::kernel {

// The state that a rehearsal takes back. It lives as long as the process, outside of the saved
// state.
struct Rehearsal {
  Image image;
  std::vector<std::byte> image_bytes, memory_bytes;
  Outcome outcome;
};

void Rehearse(void (*body)(void*), void* argument) {
  if (!g_call->rehearsal) g_call->rehearsal = new Rehearsal;
  Rehearsal& rehearsal = *g_call->rehearsal;
  rehearsal.outcome = *g_call->outcome;
  rehearsal.image_bytes.resize(rehearsal.image.size());
  rehearsal.image.CopyTo(rehearsal.image_bytes.data());
  const HeapBase heap = TakeHeapBase();
  rehearsal.memory_bytes.clear();
  ForgetExtents();
  {
    const Unwatched unwatched;
    SaveMemory(heap, rehearsal.memory_bytes);
  }
  body(argument);
  rehearsal.image.CopyFrom(rehearsal.image_bytes.data());
  ForgetExtents();
  {
    const Unwatched unwatched;
    RestoreMemory(heap, rehearsal.memory_bytes.data());
  }
  ForgetExtents();
  *g_call->outcome = rehearsal.outcome;
}

}  // namespace holdfast::kernel
