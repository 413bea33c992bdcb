// The live update orchestrator's session, as the adapter drives it; the implementation's side is
// linux/liveupdate.h.
//
// Source of what each verb does: docs/spec/semantics.md 5 and 6, and docs/model.md. The model
// states the same in model/environment.cc; the two share no code.
#ifndef HOLDFAST_SUT_KERNEL_LUO_H_
#define HOLDFAST_SUT_KERNEL_LUO_H_

namespace holdfast::kernel {

int PreserveFile();
void UnpreserveFile();
int Freeze();
int Retrieve();
void Finish();
// What LUO hands to the next kernel. The rest of the kexec is World's and memory's.
void HandOverSession();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_LUO_H_
