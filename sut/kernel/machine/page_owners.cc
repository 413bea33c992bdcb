#include "sut/kernel/machine/page_owners.h"

#include "sut/kernel/machine/unit_state.h"

namespace holdfast::kernel {

void NoteAllocated(int page) {
  if (Units* units = machine().units) units->pages.allocated_for[page] = g_call->owner;
}

void NotePreserved(int page) {
  CallContext& call = *g_call;
  if (!call.in_op) return;
  if (Units* units = machine().units) {
    units->pages.preserved_by[page] = call.owner;
    if (units->pages.allocated_for[page] == 0) {
      units->pages.of_kho.Add(page);
      units->pages.allocated_for[page] = call.owner;
    }
  }
  constexpr int kRoom = sizeof(call.preserved_by_op) / sizeof(call.preserved_by_op[0]);
  if (call.preserved_by_op_count < kRoom)
    call.preserved_by_op[call.preserved_by_op_count++] = static_cast<std::int16_t>(page);
}

void NoteReleased(int page) {
  CallContext& call = *g_call;
  if (Units* units = machine().units) units->pages.preserved_by[page] = 0;
  if (!call.in_op) return;
  for (int i = call.preserved_by_op_count - 1; i >= 0; --i) {
    if (call.preserved_by_op[i] != page) continue;
    if (i != call.preserved_by_op_count - 1) call.out_of_order = true;
    for (int j = i; j + 1 < call.preserved_by_op_count; ++j)
      call.preserved_by_op[j] = call.preserved_by_op[j + 1];
    --call.preserved_by_op_count;
    return;
  }
}

void NoteRestored(int page) {
  if (g_call->owner != 0) NoteAllocated(page);  // else the page is the core's own
}

void NoteFreed(int page) {
  if (Units* units = machine().units) {
    units->pages.allocated_for[page] = units->pages.preserved_by[page] = 0;
    units->pages.of_kho.Remove(page);
  }
}

}  // namespace holdfast::kernel
