#include "sut/kernel/adapter/damaged_image.h"

#include <linux/err.h>

#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

#include "model/outcome.h"
#include "model/state.h"
#include "sut/kernel/adapter/adapter.h"
#include "sut/kernel/adapter/damages.h"
#include "sut/kernel/adapter/restoring.h"
#include "sut/kernel/adapter/spread_records.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/luo.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/records.h"

namespace holdfast::kernel {
namespace {

constexpr FindingSet kEndless = FindingBit(Finding::kHung) | FindingBit(Finding::kLockTakenAgain);
constexpr FindingSet kForeignPages =
    FindingBit(Finding::kPageUnpreservedTwice) | FindingBit(Finding::kPageFreedPreserved) |
    FindingBit(Finding::kPageFreedTwice) | FindingBit(Finding::kPageRestoredTwice);

// The record at a physical address, if there is memory.
const std::byte* RecordAt(std::uint64_t physical) {
  const std::uint64_t offset = OffsetOfPhysical(physical);
  return offset == kNoOffset ? nullptr : ArenaBase() + offset;
}

SoundImage SoundImageOf(const RecordLayout& layout) {
  SoundImage sound;
  const Machine& m = machine();
  LiveRecords iommus(layout, Chain::kHw), devices(layout, Chain::kDevice);
  while (const std::byte* record = iommus.Next()) {
    for (int i = 0; i < m.iommu_count; ++i) {
      if (Load<std::uint64_t>(record, layout.hw_token) == TokenOf(i)) sound.iommus[i] = record;
    }
  }
  while (const std::byte* record = devices.Next()) {
    for (int d = 0; d < m.device_count; ++d) {
      struct pci_dev& pci = m.devices[d]->pci;
      if (Load<std::uint32_t>(record, layout.device_devid) != pci_dev_id(&pci) ||
          Load<std::uint32_t>(record, layout.device_pci_domain_nr) !=
              static_cast<std::uint32_t>(pci_domain_nr(pci.bus)))
        continue;
      sound.devices[d] = record;
      sound.domains[d] = RecordAt(Load<std::uint64_t>(record, layout.device_domain_phys));
    }
  }
  return sound;
}

// The calls of the next kernel, one after the other, and the worst of their answers.
class NextKernel {
 public:
  NextKernel(const Binding& binding, const SoundImage& sound) : binding_(binding), sound_(sound) {}

  TakenOver TakeOver() {
    // after a refused retrieve nobody has the records
    if (!Call(Retrieve) || worst_.answer != DamageAnswer::kUnnoticed) return worst_;
    if (!LookUp() || !RestoreDevices()) return worst_;
    Call([] { return Finish(), 0; });
    return worst_;
  }

 private:
  void Note(DamageAnswer answer, std::string_view how = "") {
    if (answer > worst_.answer) worst_ = {answer, how};
  }
  void NoteFollowed(std::string_view how) { Note(DamageAnswer::kFollowed, how); }

  // A call whose result is 0 or an error.
  struct Asked {
    const std::function<int()>& body;
    int error = 0;
    bool goes_on = false;  // no BUG stopped the machine

    static void Run(void* asked) {
      static_cast<Asked*>(asked)->goes_on = RunUntilBug(RunBody, asked);
    }
    static void RunBody(void* asked) {
      static_cast<Asked*>(asked)->error = static_cast<Asked*>(asked)->body();
    }
  };

  // False: the machine has stopped.
  bool Call(const std::function<int()>& body) {
    Asked asked = {body};
    Outcome outcome;
    const bool returned = RunContained({}, outcome, Asked::Run, &asked);
    Judge(outcome);
    if (!returned) {
      const bool endless = (outcome.findings & kEndless) != 0;
      Note(endless ? DamageAnswer::kEndless : DamageAnswer::kFollowed,
           endless ? "a call does not return"
                   : "a bad access, or memory is freed that is no record");
      return false;
    }
    if (!asked.goes_on) {
      Note(DamageAnswer::kStopped);
      return false;
    }
    if (asked.error < 0) Note(DamageAnswer::kRefused);
    return true;
  }

  // What the environment saw while the call ran.
  void Judge(const Outcome& outcome) {
    if (outcome.findings & kForeignPages) NoteFollowed("a page is given back twice");
    for (int i = 0; i < outcome.call_count; ++i) {
      const DriverCall& call = outcome.calls[static_cast<std::size_t>(i)];
      if (call.op == Op::kPtRestore && call.slot < 0)
        NoteFollowed("the driver takes over a table that no record names");
    }
  }

  bool LookUp() {
    if (binding_.for_each_incoming_device) {
      const auto look = [](void* record, void* self) {
        auto& kernel = *static_cast<NextKernel*>(self);
        if (FindIncomingSlot(kernel.binding_.layout, Chain::kDevice, record) < 0)
          kernel.NoteFollowed("a walk over the devices shows memory that is no record");
        return 0;
      };
      if (!Call([&] { return binding_.for_each_incoming_device(look, this); })) return false;
    }
    for (int i = 0; binding_.incoming_iommu && i < machine().iommu_count; ++i) {
      // an IOMMU without a record may be an error or NULL
      const auto ask = [&] {
        const void* record = binding_.incoming_iommu(TokenOf(i));
        if (!IS_ERR_OR_NULL(record) && record != sound_.iommus[i])
          NoteFollowed("an IOMMU gets a record that is not its own");
        return 0;
      };
      if (!Call(ask)) return false;
    }
    return true;
  }

  bool RestoreDevices() {
    for (int d = 0; HasRestoring(binding_) && d < machine().device_count; ++d) {
      DeviceObject& device = *machine().devices[d];
      if (!Call([&] { return binding_.probe_device(&device.pci.dev); })) return false;
      const void* record = device.data.device_ser;
      if (!record) continue;
      if (record != sound_.devices[d]) NoteFollowed("a device gets a record that is not its own");
      if (!Call([&] { return Restore(device); })) return false;
    }
    return true;
  }

  int Restore(DeviceObject& device) {
    void* owner = nullptr;
    const struct iommu_domain* domain =
        binding_.restore_domain(&device.pci.dev, device.data.device_ser, &owner);
    if (!domain) return -EINVAL;
    if (IS_ERR(domain)) return static_cast<int>(PTR_ERR(domain));
    const auto* record = reinterpret_cast<const std::byte*>(domain->preserved_state);
    if (!record || record != sound_.domains[device.index])
      NoteFollowed("a device gets a domain that is not its own");
    return 0;
  }

  const Binding& binding_;
  const SoundImage& sound_;
  TakenOver worst_;
};

}  // namespace

std::optional<DamagedField> KernelDamagedImage::Plant(std::size_t number) {
  const auto& incoming = machine().luo.incoming;
  if (incoming.status != Incoming::Status::kHandedOver || incoming.lost ||
      RecordPage(incoming.data) < 0)
    return std::nullopt;
  sut_.Forget();
  if (!SpreadRecords(binding_.layout)) return std::nullopt;
  sound_ = SoundImageOf(binding_.layout);
  if (number == 0) return DamagedField{"nothing", "as it was"};
  const std::vector<PlannedDamage> damages = DamagesOf(binding_.layout);
  if (number > damages.size()) return std::nullopt;
  const PlannedDamage& planned = damages[number - 1];
  std::memcpy(planned.at, &planned.value, planned.size);
  return planned.field;
}

TakenOver KernelDamagedImage::TakeOver() {
  sut_.Forget();
  const Impatient impatient;
  TrapFreed();
  return NextKernel(binding_, sound_).TakeOver();
}

}  // namespace holdfast::kernel
