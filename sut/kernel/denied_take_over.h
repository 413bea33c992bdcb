// FaultSite::kTakeOver: a request of the next kernel's drivers is denied while they take over.
//
// A driver that comes up asks for objects, pages, the registers, and pages of the kernel before. A
// driver whose request is denied owes three things:
//   - The driver does no harm. The unit is translating for the devices that came over, so their DMA
//     goes on to the same memory. An error path that frees a table or turns the unit off would end
//     that DMA. No later attachment may get an id that is still in use.
//   - The driver refuses the object that was coming up, if the records promised what was denied:
//     the registers, or a page that came over. Nothing can stand in for these.
//   - The driver may go on without any other object or page, if the result is right: every device
//     can then be moved to another domain, and its DMA follows.
//
// A driver that stops the machine with a BUG has refused and done no harm: nobody uses the memory
// any more. A crash of any other kind is a crash of the call.
//
// A page is restored once, so a driver cannot try again in the same kernel. The attempt is
// therefore a rehearsal: it is judged and taken back, and then the drivers come up without a denied
// request. All that follows is as if the fault had never been armed, in the model too.
#ifndef HOLDFAST_SUT_KERNEL_DENIED_TAKE_OVER_H_
#define HOLDFAST_SUT_KERNEL_DENIED_TAKE_OVER_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// The attempt, with the fault of the call that is running; before BringUp. Does nothing if no
// driver waits.
void TryDeniedTakeOver(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DENIED_TAKE_OVER_H_
