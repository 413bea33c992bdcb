// An implementation written to this environment, as a Sut. The adapter builds the kernel's world
// from a topology, makes the kernel's calls from commands, and decodes the kernel's memory.
//
// All that can differ between two moments is in two places: the arena and this object's writable
// data. So to save is to copy the difference from the start of the case. A shared object has one
// Sut at a time, on one thread at a time. Different objects do not meet.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_ADAPTER_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_ADAPTER_H_

#include <optional>
#include <string>
#include <vector>

#include "sut/kernel/binding.h"
#include "sut/kernel/adapter/callers.h"
#include "sut/kernel/adapter/canonical.h"
#include "sut/kernel/adapter/damaged_image.h"
#include "sut/kernel/machine/image.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/adapter/mirror.h"
#include "sut/kernel/adapter/observe.h"
#include "sut/sut.h"

namespace holdfast::kernel {

class KernelSut : public Sut {
 public:
  explicit KernelSut(const Binding& binding);

  std::string name() const override { return binding_.name; }
  std::string profile() const override { return binding_.profile; }
  bool profile_is_detected() const override { return binding_.profile_is_detected; }
  Layout layout() const override { return binding_.layout; }

  bool contract_only() const override { return binding_.port->hardware != HOLDFAST_NO_HARDWARE; }

  bool restores() const override;
  bool releases() const override { return binding_.release_device != nullptr; }

  void Reset(const Topology& topology, Luo luo) override;
  void Run(const Command& command, Outcome& outcome) override;
  void Observe(Observation& observation) override;
  void Save(Snapshot& snapshot) override;
  // the bytes are differences from the state after the last reset
  bool SnapshotsTravel() const override { return true; }
  void Restore(const Snapshot& snapshot) override;
  bool Changed() override;
  bool Passes(FaultSite site, int times) override;
  bool Exhausted() override;
  int Requests(FaultSite site) override;
  bool Canonicalize(Past past, CanonicalMemory& memory) override;
  Usage Measure() override;
  Callers* callers() override;
  DamagedImage* damaged_image() override { return contract_only() ? nullptr : &damaged_image_; }
  const void* EntryPoint(Verb verb) const override {
    return binding_.entry_point ? binding_.entry_point(verb) : nullptr;
  }
  std::vector<const void*> LastFault() const override;
  Detail LastDetail() const override;
  std::vector<std::string> ExplainReach(std::uint8_t device, std::uint8_t owed) override;

 private:
  // One command while it runs.
  struct Task;

  friend class KernelCallers;
  friend class KernelDamagedImage;

  static void RunTask(void* task);
  static void Dispatch(Task& task);
  void Kexec();
  void Forget();

  const Binding& binding_;
  const std::vector<std::byte>& pristine_;  // the writable data as it was loaded
  Image image_;
  std::vector<std::byte> image_now_;  // a place to copy it to
  Observer observer_;
  Canonicalizer canonicalizer_;
  std::optional<KernelCallers> callers_;
  KernelDamagedImage damaged_image_;

  std::uint64_t saved_ = 0;     // snapshots so far
  std::uint64_t restored_ = 0;  // the number of the one that was restored last
  Mirror mirror_;
  bool mirrored_ = false;              // mirror_ is of it, and
  Canonicalizer::Walked mirror_walk_;  // its canonical state, if any was asked for
  std::optional<Past> past_;           // as was asked for last

  // The beginning of a case: snapshots and canonical states keep the difference from it.
  std::vector<std::byte> image_base_;
  HeapBase heap_base_;

  // The world of the last Reset, so that the next one with the same arguments is a Restore.
  std::optional<Topology> built_topology_;
  Luo built_luo_ = Luo::kOff;
  Snapshot built_;
};

// A KernelSut over kBinding, owned by the caller.
Sut* MakeKernelSut();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_ADAPTER_H_
