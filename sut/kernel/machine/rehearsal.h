// Something is run to see what comes of it, and all that it did is taken back: the machine, the
// object's data, the outcome.
//
// How many requests a driver makes is found out that way, and what it does when one of them is
// denied. A crash in the middle leaves the call as any other does, with the machine as it is then.
//
// Cost: that of a snapshot and of a restore, some microseconds.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_REHEARSAL_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_REHEARSAL_H_

namespace holdfast::kernel {

// Within a call. Runs body(argument); what it left in `argument` and in g_call's counters stays.
void Rehearse(void (*body)(void*), void* argument);

template <typename Body>
void Rehearse(Body body) {
  Rehearse([](void* argument) { (*static_cast<Body*>(argument))(); }, &body);
}

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_REHEARSAL_H_
