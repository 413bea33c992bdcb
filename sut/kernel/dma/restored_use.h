// The next kernel uses what it took over: a domain that came over gets a mapping more, and a device
// that came over is moved to another domain.
//
// A driver that takes tables over must know them as well as tables of its own. A lost account (of
// tables, ids or devices) shows only when the tables change. So after each take-over the
// environment maps a page in each domain that came over, in a table that is there and in new
// tables, and then moves each device. The walker says whether DMA follows, and whether anybody
// else's DMA was disturbed meanwhile. All of it is a rehearsal: nothing of it stays.
#ifndef HOLDFAST_SUT_KERNEL_DMA_RESTORED_USE_H_
#define HOLDFAST_SUT_KERNEL_DMA_RESTORED_USE_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// After BringUp, within a call. Does nothing if nothing was taken over.
void TryRestoredUse(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DMA_RESTORED_USE_H_
