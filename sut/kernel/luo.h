// The session of the live update orchestrator (LUO), as the adapter drives the session. The
// implementation's side is linux/liveupdate.h.
//
// docs/spec/semantics.md 5 and 6 and docs/model.md say what each verb does. The model states the
// same in model/environment.cc; the two share no code.
#ifndef HOLDFAST_SUT_KERNEL_LUO_H_
#define HOLDFAST_SUT_KERNEL_LUO_H_

namespace holdfast::kernel {

int PreserveFile();
void UnpreserveFile();
int Freeze();
int Retrieve();
void Finish();
// Hands the session over to the next kernel. world.h and machine/memory.h do the rest of the kexec.
void HandOverSession();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_LUO_H_
