#include "sut/kernel/adapter/adapter.h"

#include <algorithm>
#include <bit>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/difference.h"
#include "sut/kernel/machine/poison.h"
#include "sut/kernel/adapter/lookups.h"
#include "sut/kernel/adapter/other_version.h"
#include "sut/kernel/adapter/restoring.h"
#include "sut/kernel/groups.h"
#include "sut/kernel/luo.h"
#include "sut/kernel/records.h"
#include "sut/kernel/units.h"
#include "sut/kernel/world.h"
#include "sut/entry.h"

namespace holdfast::kernel {
namespace {

// The content of an out-parameter's place before the call: no address of anything.
constexpr unsigned long long kUnwritten = 0x5a5a'5a5a'5a5a'5a5aull;

// Taken once, before the implementation has run. The pointer to the copy is part of the copy.
const std::vector<std::byte>& PristineData() {
  static std::vector<std::byte>* data = nullptr;
  if (!data) {
    PowerOn();
    CatchSignals();
    const Image image;
    data = new std::vector<std::byte>(image.size());
    image.CopyTo(data->data());
  }
  return *data;
}

SlotRef ResolveDomain(const CallContext& call) {
  return call.out_physical == kUnwritten
             ? kNull
             : FindSlot(kBinding.layout, Chain::kDomain, call.out_pointer);
}

SlotRef ResolveDevice(const CallContext& call) {
  if (call.out_physical == kUnwritten) return kNull;
  const int page = PageOfPhysical(call.out_physical);
  if (page < 0) return kWild;
  return FindSlot(kBinding.layout, Chain::kDevice,
                  PageAddress(page) + call.out_physical % kPageSize);
}

void ExpectOut(SlotRef (*resolve)(const CallContext&)) {
  g_call->out_physical = kUnwritten;
  g_call->resolve_out = resolve;
}

// The callback of iommu_for_each_dev.
struct Visits {
  struct iommu_device* iommu;
  const DeviceObject* last;  // the callback says stop there; nullptr: nowhere
};

int Visit(struct device* device, struct iommu_device* iommu, void* argument) {
  Visits& visits = *static_cast<Visits*>(argument);
  // a call with another's IOMMU shows
  const std::int16_t result = iommu == visits.iommu ? 0 : -EINVAL;
  g_call->outcome->AddCall({Op::kVisit, ObjectOf(device).index, kNull, result});
  return &ObjectOf(device) == visits.last;
}

// The `nth` probed device behind the IOMMU, by bus and then by index; nullptr: there is none.
const DeviceObject* DeviceBehind(const struct iommu_device* iommu, int nth) {
  const Machine& m = machine();
  for (int bus = 0; bus < kBusCount; ++bus) {
    for (int d = 0; d < m.device_count; ++d) {
      const DeviceObject& device = *m.devices[d];
      if (device.bus_kind != bus || !device.pci.dev.iommu || device.data.iommu_dev != iommu)
        continue;
      if (--nth == 0) return &device;
    }
  }
  return nullptr;
}

// No version promises an order of the buses. So the visits are told by bus, and the callback stops
// at a device and not at a number of calls.
void ForEachDev(struct iommu_device* iommu, int stop) {
  Visits visits = {iommu, DeviceBehind(iommu, stop)};
  struct iommu_dev_iter iter = {.iommu = iommu, .fn = Visit, .arg = &visits};
  iommu_for_each_dev(&iter);
  Outcome& outcome = *g_call->outcome;
  std::stable_sort(outcome.calls.begin(), outcome.calls.begin() + outcome.call_count,
                   [](const DriverCall& a, const DriverCall& b) {
                     return machine().devices[a.object]->bus_kind <
                            machine().devices[b.object]->bus_kind;
                   });
}

}  // namespace

struct KernelSut::Task {
  KernelSut& sut;
  const Command& command;
  Outcome& outcome;

  void Return(int error) {
    outcome.kind = Outcome::Kind::kReturned;
    outcome.error = static_cast<std::int16_t>(error);
  }
  // A call with an out-parameter returned.
  void ReturnOut(int error) {
    Return(error);
    ResolveOut();
    if (error == 0) return;
    outcome.out = kNull;
    if (g_call->out_physical != kUnwritten) Find(Finding::kOutParamOnFailure);
  }
};

KernelSut::KernelSut(const Binding& binding)
    : binding_(binding),
      pristine_(PristineData()),
      observer_(binding),
      canonicalizer_(binding.layout),
      damaged_image_(*this, binding),
      mirror_(image_) {
  image_now_.resize(image_.size());
}

Sut* MakeKernelSut() { return new KernelSut(kBinding); }

void KernelSut::Reset(const Topology& topology, Luo luo) {
  if (callers_) RenumberLocks();
  if (built_topology_ && built_luo_ == luo && *built_topology_ == topology) return Restore(built_);
  image_.CopyFrom(pristine_.data());
  ClearMachine();
  BuildWorld(topology, luo, binding_);
  Outcome ignored;
  const auto boot = [](void* sut) {
    const Binding& binding = static_cast<KernelSut*>(sut)->binding_;
    RegisterFlb(binding);
    BringUp(binding);
    FollowAttachments(binding);
  };
  machine().crashed = !RunContained({}, ignored, boot, this);
  image_base_.resize(image_.size());
  image_.CopyTo(image_base_.data());
  heap_base_ = TakeHeapBase();
  restored_ = 0;
  mirrored_ = false;
  Save(built_);
  built_topology_ = topology;
  built_luo_ = luo;
}

void KernelSut::Run(const Command& command, Outcome& outcome) {
  outcome.kind = Outcome::Kind::kVoid;
  outcome.warned = outcome.fault_fired = false;
  outcome.error = 0;
  outcome.out = kNull;
  outcome.findings = 0;
  outcome.call_count = 0;
  Forget();
  Machine& m = machine();
  g_call->fault_depth = 0;  // not in RunContained, by which an observation asks its queries too
  g_call->detail.text.clear();
  const int held = m.held_locks + m.held_spinlocks;
  g_call->passes.fill(0);
  g_call->exhausted = false;
  g_call->requests_of.fill(0);
  Task task = {*this, command, outcome};
  if (m.crashed || !RunContained(command.fault, outcome, RunTask, &task)) {
    m.crashed = true;
    outcome.kind = Outcome::Kind::kCrashed;
    outcome.error = 0;
    outcome.out = kNull;
    return;
  }
  if (m.held_locks + m.held_spinlocks > held) outcome.findings |= FindingBit(Finding::kLockLeaked);
  TrapGhosts();
}

void KernelSut::RunTask(void* argument) {
  Task& task = *static_cast<Task*>(argument);
  if (!machine().units) return Dispatch(task);
  const Binding& binding = task.sut.binding_;
  if (NeedsDriver(task.command.verb)) BringUp(binding);
  Dispatch(task);
  FollowAttachments(binding);
}

void KernelSut::Dispatch(Task& task) {
  Machine& m = machine();
  const Command& command = task.command;
  const Binding& binding = task.sut.binding_;
  const auto domain = [&] { return m.domains[command.domain]; };
  const auto device = [&] { return &m.devices[command.device]->pci.dev; };
  switch (command.verb) {
    case Verb::kPreserveFile: return task.Return(PreserveFile());
    case Verb::kUnpreserveFile: return UnpreserveFile();
    case Verb::kPreserveDomain:
      ExpectOut(ResolveDomain);
      return task.ReturnOut(binding.preserve_domain(
          domain(), reinterpret_cast<struct iommu_domain_ser**>(&g_call->out_pointer)));
    case Verb::kUnpreserveDomain: return binding.unpreserve_domain(domain());
    case Verb::kPreserveDevice:
      ExpectOut(ResolveDevice);
      return task.ReturnOut(binding.preserve_device(
          domain(), device(), DmaOwnerToken(command.device), &g_call->out_physical));
    case Verb::kUnpreserveDevice: return binding.unpreserve_device(domain(), device());
    case Verb::kForEachDev: return ForEachDev(m.iommus[command.iommu], command.stop);
    case Verb::kClaimDmaOwner: return task.Return(ClaimDmaOwner(*device()));
    case Verb::kReleaseDmaOwner: return ReleaseDmaOwner(*device());
    case Verb::kAttach:
      return task.Return(Attach(*m.domains[command.domain], *m.devices[command.device]));
    case Verb::kFreeze: return task.Return(Freeze());
    case Verb::kKexec: return task.sut.Kexec();
    case Verb::kRetrieve:
      TryOtherVersion(binding);
      task.Return(Retrieve());
      return CheckLookups(binding);
    case Verb::kFinish: return Finish();
    case Verb::kProbeDevice: return task.Return(ProbeDevice(binding, *m.devices[command.device]));
    case Verb::kRestoreDomain:
      return task.Return(RestoreDomain(binding, *m.devices[command.device]));
    case Verb::kReleaseDevice: return ReleaseDevice(binding, *m.devices[command.device]);
  }
}

void KernelSut::Kexec() {
  ShutDownUnits(binding_);
  HandOverSession();
  HandOverMemory();
  RestartWorld();
  image_.CopyFrom(pristine_.data());
  RegisterFlb(binding_);
  // there is nothing to wait for
  if (machine().luo.incoming.status == Incoming::Status::kNone) BringUp(binding_);
}

// Code that may write anywhere is about to run.
void KernelSut::Forget() {
  ForgetExtents();
  mirror_.Forget();
}

// The queries run the implementation's code.
void KernelSut::Observe(Observation& observation) {
  Forget();
  observer_.Observe(observation);
}

bool KernelSut::Changed() {
  const Unwatched unwatched;
  return !mirrored_ || mirror_.Changed();
}

std::vector<std::string> KernelSut::ExplainReach(std::uint8_t device, std::uint8_t owed) {
  if (!contract_only()) return {};
  const Unwatched unwatched;
  return kernel::ExplainReach(device, owed);
}

std::vector<const void*> KernelSut::LastFault() const {
  return std::vector<const void*>(g_call->fault, g_call->fault + g_call->fault_depth);
}

Detail KernelSut::LastDetail() const {
  const FindingDetail& detail = g_call->detail;
  // The code is an address behind the call that announced a write.
  return {detail.text, detail.code ? static_cast<const char*>(detail.code) - 1 : nullptr};
}

void KernelSut::Save(Snapshot& snapshot) {
  const Unwatched unwatched;
  snapshot.bytes.clear();
  snapshot.number = ++saved_;
  image_.CopyTo(image_now_.data());
  AppendDifference(image_now_.data(), image_base_.data(), image_base_.size(), snapshot.bytes);
  SaveMemory(heap_base_, snapshot.bytes);
}

// A snapshot that is restored twice is likely to come again, so it is mirrored.
void KernelSut::Restore(const Snapshot& snapshot) {
  if (callers_) callers_->GiveUp();
  const Unwatched unwatched;
  const bool again = snapshot.number == restored_;
  if (again && mirrored_ && mirror_.Undo()) return;
  const std::byte* memory = ApplyDifference(snapshot.bytes.data(), image_base_.data(),
                                            image_base_.size(), image_now_.data());
  image_.CopyFrom(image_now_.data());
  RestoreMemory(heap_base_, memory);
  if (!again) {
    restored_ = snapshot.number;
    mirrored_ = false;
  } else if (!mirrored_) {
    mirror_.Take();
    mirror_walk_.past.reset();
    if (past_) canonicalizer_.Walk(*past_, image_now_, image_base_, heap_base_, mirror_walk_);
    mirrored_ = true;
  } else {
    mirror_.Forget();
  }
}

bool KernelSut::Canonicalize(Past past, CanonicalMemory& memory) {
  const Unwatched unwatched;
  if (mirrored_ && !memory.with_places && past == mirror_walk_.past && mirror_.Changed() &&
      canonicalizer_.Patch(mirror_walk_, mirror_.changes(), heap_base_, memory.words)) {
    return true;
  }
  past_ = past;
  image_.CopyTo(image_now_.data());
  canonicalizer_.Walk(past, image_now_, image_base_, heap_base_, memory.words,
                      memory.with_places ? &memory.places : nullptr);
  return true;
}

bool KernelSut::restores() const { return HasRestoring(binding_); }

bool KernelSut::Passes(FaultSite site, int times) {
  return g_call->passes[static_cast<std::size_t>(site)] >= times;
}

bool KernelSut::Exhausted() { return g_call->exhausted; }

int KernelSut::Requests(FaultSite site) {
  return g_call->requests_of[static_cast<std::size_t>(site)];
}

// AddressSanitizer knows one stack: what a snapshot brings back would be another's to it.
Callers* KernelSut::callers() {
  if (kWatched) return nullptr;
  if (!callers_) callers_.emplace(*this);
  return &*callers_;
}

Usage KernelSut::Measure() {
  std::uint32_t pages = 0;
  for (int word = 0; word < kArenaPages / 64; ++word) {
    pages += static_cast<std::uint32_t>(
        std::popcount(machine().preserved.words[word] | machine().allocated.words[word]));
  }
  return {.pages = pages, .objects = machine().heap_live};
}

}  // namespace holdfast::kernel

// The same for every shared object that has a binding.
extern "C" __attribute__((visibility("default"))) const holdfast::SutEntry* holdfast_sut_entry() {
  static const holdfast::SutEntry entry = {.make = holdfast::kernel::MakeKernelSut};
  return &entry;
}
