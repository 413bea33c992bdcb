#include "sut/kernel/luo.h"

#include <errno.h>

#include "linux/liveupdate.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/caller.h"
#include "sut/kernel/denied_take_over.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

using Status = Incoming::Status;

LuoState& luo() { return machine().luo; }

// Waits until no other caller runs a callback of the FLB. Between two points of a call nobody else
// runs, so LUO's own code takes no lock.
void WaitForCallbacks() {
  StopAt(Point::Kind::kLock, &luo());
  const auto is_free = [](const void* lock) {
    return static_cast<const LuoState*>(lock)->in_callback == 0;
  };
  while (luo().in_callback != 0 && Await(&luo(), luo().in_callback, is_free)) {
  }
}

// Runs a callback of the FLB with LUO's lock held.
template <typename Callback>
auto WithLock(Callback callback, struct liveupdate_flb_op_args* args) {
  if (luo().in_callback) Crash();
  luo().in_callback = g_call->number;
  struct Unlock {
    ~Unlock() { luo().in_callback = 0; }
  } unlock;
  return callback(args);
}

void ExpectObjects(std::uint32_t count) {
  if (machine().heap_live != count) Find(Finding::kMemoryLeaked);
}

// The pool's pages that came over were the records' pages: nobody else will give them back.
void ExpectNoRecords() {
  machine().handed_over.ForEachOfPool([](int page) {
    // it keeps its tables
    const bool of_driver = machine().units && machine().units->pages.allocated_for[page] != 0;
    if (!of_driver) Find(Finding::kMemoryLeaked);
  });
}

// The owner of dev->iommu forgets the records of the kernel before, before they go.
void ForgetRestored() {
  for (int i = 0; i < machine().device_count; ++i) {
    struct iommu_device_ser*& record = machine().devices[i]->data.device_ser;
    const int page = PageOf(record);
    if (page >= 0 && machine().handed_over.Has(page)) record = nullptr;
  }
}

int PreserveFlb() {
  if (const int error = PassFault(FaultSite::kFlbPreserve)) return error;
  const std::uint32_t before = machine().heap_live;
  struct liveupdate_flb_op_args args = {.flb = luo().flb, .data = 0, .obj = nullptr};
  if (const int error = WithLock(luo().flb->ops->preserve, &args)) {
    ExpectObjects(before);
    return error;
  }
  luo().present = true;
  luo().data = args.data;
  luo().obj = args.obj;
  luo().objects = machine().heap_live - before;
  ++luo().serial;
  return 0;
}

void DropReference() {
  if (luo().flb_refs == 0) return Warn();
  if (--luo().flb_refs != 0) return;
  // The slot numbers are known only while the records are there.
  ResolveOut();
  const std::uint32_t before = machine().heap_live;
  struct liveupdate_flb_op_args args = {.flb = luo().flb, .data = luo().data, .obj = luo().obj};
  WithLock(luo().flb->ops->unpreserve, &args);
  ExpectObjects(before - luo().objects);
  luo().present = false;
  luo().data = 0;
  luo().obj = nullptr;
}

}  // namespace

int PreserveFile() {
  WaitForCallbacks();
  if (luo().frozen) return -EBUSY;
  if (luo().flb) {
    if (luo().stage == Luo::kOff) return -EOPNOTSUPP;
    if (luo().flb_refs == 0) {
      if (const int error = PreserveFlb()) return error;
    }
    ++luo().flb_refs;
  }
  ++luo().files;
  return 0;
}

void UnpreserveFile() {
  WaitForCallbacks();
  if (luo().files == 0) return Warn();
  --luo().files;
  if (luo().flb) DropReference();
}

int Freeze() {
  WaitForCallbacks();
  if (luo().stage == Luo::kOff) return -EOPNOTSUPP;
  luo().frozen = true;
  luo().frozen_flb = luo().present;
  luo().frozen_serial = luo().present ? luo().serial : 0;
  luo().frozen_files = luo().files;
  // Kept apart from `data`: what was handed over stays handed over, whatever becomes of the
  // records.
  luo().frozen_data = luo().data;
  return 0;
}

void HandOverSession() {
  LuoState next = {};
  next.stage = luo().stage;
  if (luo().frozen && luo().frozen_flb) {
    next.incoming.status = Status::kHandedOver;
    next.incoming.files = luo().frozen_files;
    next.incoming.data = luo().frozen_data;
    next.incoming.lost = !luo().present || luo().serial != luo().frozen_serial;
  }
  luo() = next;
}

int Retrieve() {
  WaitForCallbacks();
  auto& incoming = luo().incoming;
  if (luo().stage == Luo::kOff) return -EOPNOTSUPP;
  if (!luo().flb || incoming.status == Status::kNone || incoming.status == Status::kFinished)
    return -ENODATA;
  if (incoming.status == Status::kRetrieved) return 0;
  if (incoming.status == Status::kFailed && luo().stage == Luo::kStageC) return incoming.error;

  int error = PassFault(FaultSite::kFlbRetrieve);
  const std::uint32_t before = machine().heap_live;
  struct liveupdate_flb_op_args args = {.flb = luo().flb, .data = incoming.data, .obj = nullptr};
  if (error == 0) {
    error = WithLock(luo().flb->ops->retrieve, &args);
    if (error) ExpectObjects(before);
  }
  incoming.status = error ? Status::kFailed : Status::kRetrieved;
  incoming.error = static_cast<std::int16_t>(error);
  if (error) return error;
  incoming.obj = args.obj;
  incoming.objects = machine().heap_live - before;
  if (PassFault(FaultSite::kTakeOver)) TryDeniedTakeOver(kBinding);
  BringUp(kBinding);  // its drivers have waited for the records
  return 0;
}

void Finish() {
  WaitForCallbacks();
  auto& incoming = luo().incoming;
  if (incoming.status == Status::kNone || incoming.status == Status::kFinished ||
      incoming.files == 0)
    return Warn();
  if (incoming.files > 1) {
    --incoming.files;
    return;
  }
  if (Retrieve() != 0) return Warn();
  ForgetRestored();
  const std::uint32_t before = machine().heap_live;
  struct liveupdate_flb_op_args args = {
      .flb = luo().flb, .data = incoming.data, .obj = incoming.obj};
  WithLock(luo().flb->ops->finish, &args);
  ExpectObjects(before - incoming.objects);
  ExpectNoRecords();
  incoming = {};
  incoming.status = Status::kFinished;
}

}  // namespace holdfast::kernel

using namespace holdfast::kernel;
using holdfast::FaultSite;
using holdfast::Luo;

extern "C" bool liveupdate_enabled() { return machine().luo.stage != Luo::kOff; }

extern "C" int liveupdate_register_flb(struct liveupdate_file_handler*,
                                       struct liveupdate_flb* flb) {
  if (machine().luo.flb) return -EEXIST;
  machine().luo.flb = flb;
  return 0;
}

extern "C" void liveupdate_unregister_flb(struct liveupdate_file_handler*,
                                          struct liveupdate_flb* flb) {
  if (machine().luo.flb == flb) machine().luo.flb = nullptr;
}

extern "C" int liveupdate_flb_get_outgoing(struct liveupdate_flb*, void** objp) {
  WaitForCallbacks();
  LuoState& luo = machine().luo;
  if (luo.in_callback) Crash();  // LUO's lock is held
  if (const int error = PassFault(FaultSite::kFlbGetOutgoing)) return error;
  if (luo.stage == Luo::kOff) return -EOPNOTSUPP;
  if (luo.stage == Luo::kStageC) {
    if (luo.flb_refs == 0) return -ENOENT;
    ++luo.flb_refs;
  }
  *objp = luo.present ? luo.obj : nullptr;
  return 0;
}

extern "C" void liveupdate_flb_put_outgoing(struct liveupdate_flb*) {
  WaitForCallbacks();
  if (machine().luo.in_callback) Crash();
  DropReference();
}

extern "C" int liveupdate_flb_get_incoming(struct liveupdate_flb*, void** objp) {
  if (machine().luo.in_callback) Crash();
  if (const int error = PassFault(FaultSite::kFlbGetIncoming)) return error;
  const int error = Retrieve();
  if (error != 0) return error;
  *objp = machine().luo.incoming.obj;
  if (machine().luo.stage != Luo::kStageA) ++g_call->incoming_references;
  return 0;
}

// The files alone decide how long the incoming side lives. At the end of a call, the environment
// checks that each reference of the call was put.
extern "C" void liveupdate_flb_put_incoming(struct liveupdate_flb*) {
  if (machine().luo.stage != Luo::kStageA) --g_call->incoming_references;
}
