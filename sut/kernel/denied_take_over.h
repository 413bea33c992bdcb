// FaultSite::kTakeOver: the drivers of the next kernel are denied a request while they take over.
//
// What a driver asks for when it comes up is an object, a page, the registers, or a page of the
// kernel before. Denied one of them it owes two things. It says so: whatever it was bringing up is
// refused. And it does no harm: the unit is translating for the devices that came over, so their
// DMA goes on where it went, which an error path that frees a table or turns the unit off would
// end; nor may anything that is attached afterwards get an id that is still in use.
//
// A page is restored once, so no driver can try again after that in the same kernel. The attempt is
// therefore a rehearsal: it is judged, taken back, and the drivers then come up undenied. Whatever
// follows is as if the fault had never been, on the model's side too.
#ifndef HOLDFAST_SUT_KERNEL_DENIED_TAKE_OVER_H_
#define HOLDFAST_SUT_KERNEL_DENIED_TAKE_OVER_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// The attempt, by the fault of the call that is running; before BringUp. Does nothing where no
// driver waits.
void TryDeniedTakeOver(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DENIED_TAKE_OVER_H_
