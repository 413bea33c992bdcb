// The environment's part of the transition function: the live update orchestrator (LUO) with the
// FLB's life, DMA owners, attachment, and kexec.
//
// The seed uses the environment and does not define it. docs/spec/semantics.md 5 and 6 and
// docs/model.md define it. The entry points of the seed are in step.cc.
#ifndef HOLDFAST_MODEL_ENVIRONMENT_H_
#define HOLDFAST_MODEL_ENVIRONMENT_H_

#include "model/call.h"

namespace holdfast {

// The result of liveupdate_flb_get_outgoing. kNothing is success with a NULL object (LUO stages A
// and B), which the caller then locks.
enum class Got { kFlb, kNothing, kError };
Got GetOutgoing(Call& call, int* error);
// liveupdate_flb_put_outgoing. The last reference unpreserves the FLB. A put without a reference is
// a WARN.
void PutOutgoing(Call& call);

// The result of liveupdate_flb_get_incoming with the FLB's retrieve callback. kCrash: a page of the
// records cannot be restored.
enum class Retrieved { kYes, kError, kCrash };
Retrieved GetIncoming(Call& call, int* error);

void PreserveFile(Call& call);
void UnpreserveFile(Call& call);
void Freeze(Call& call);
void Kexec(Call& call);
void Retrieve(Call& call);
void Finish(Call& call);

void ClaimDmaOwner(Call& call, const Device& device);
void ReleaseDmaOwner(Call& call, const Device& device);
void Attach(Call& call, int domain, int device);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_ENVIRONMENT_H_
