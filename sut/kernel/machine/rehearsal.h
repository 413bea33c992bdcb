// A rehearsal runs a body and then takes back all effects: in the machine, in the object's data and
// in the outcome.
//
// A rehearsal finds out how many requests a driver makes, and what a driver does when a request is
// denied. A crash in the body leaves the call as any other crash does, with the machine as it is
// then.
//
// The cost is a snapshot and a restore, some microseconds.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_REHEARSAL_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_REHEARSAL_H_

namespace holdfast::kernel {

// Runs body(argument), within a call. The body's results in `argument` and in g_call's counters
// stay.
void Rehearse(void (*body)(void*), void* argument);

template <typename Body>
void Rehearse(Body body) {
  Rehearse([](void* argument) { (*static_cast<Body*>(argument))(); }, &body);
}

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_REHEARSAL_H_
