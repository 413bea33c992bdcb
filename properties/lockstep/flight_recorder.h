// The position of a Lockstep, in memory that outlives its process: the case so far as a scenario,
// and the tally.
//
// A Lockstep with a recorder writes each command down before it runs the command. After the death
// of the process the recorder says at which command of which scenario it died. It does not matter
// who made the scenario up: a campaign, a search, or a trace. Cost: some ten bytes a command. A
// recorder touches only the memory that its commands need, so it is cheap to make.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_FLIGHT_RECORDER_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_FLIGHT_RECORDER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "model/command.h"
#include "model/profile.h"
#include "model/scenario.h"
#include "model/topology.h"
#include "properties/lockstep/tally.h"

namespace holdfast {

class FlightRecorder {
 public:
  // Commands of one case. A longer case is cut off; no case of the suite is longer.
  static constexpr std::size_t kCapacity = std::size_t{1} << 20;
  static constexpr std::size_t kNever = ~std::size_t{0};

  FlightRecorder() {}

  void Begin(const Topology& topology) {
    length_ = 0;
    teardown_ = kNever;
    iommu_count_ = topology.iommus.size();
    device_count_ = topology.devices.size();
    domain_count_ = topology.domains.size();
    std::copy(topology.iommus.begin(), topology.iommus.end(), iommus_.begin());
    std::copy(topology.devices.begin(), topology.devices.end(), devices_.begin());
    std::copy(topology.domains.begin(), topology.domains.end(), domains_.begin());
  }
  // The command is the `step`-th of the case, from 0. The recorder forgets all commands from there
  // on.
  void Add(std::size_t step, const Command& command) {
    if (step >= kCapacity) return;
    commands_[step] = command;
    length_ = step + 1;
    if (step < teardown_) teardown_ = kNever;
  }
  // The commands from `step` on belong to the teardown.
  void TearDown(std::size_t step) { teardown_ = step; }

  // The number of commands, with the one under way and those of the teardown.
  std::size_t length() const { return length_; }
  // The number of commands before the teardown, or kNever.
  std::size_t teardown() const { return teardown_; }
  const Command& command(std::size_t step) const { return commands_[step]; }
  // The Lockstep counts here, from set_recorder() on.
  Tally& tally() { return tally_; }
  const Tally& tally() const { return tally_; }
  // Where the model says CRASH, the implementation ends its process, and the Lockstep does not run
  // it.
  bool skips_crashes() const { return skips_crashes_; }
  void SkipCrashes() { skips_crashes_ = true; }
  // A case did harm that an earlier run noticed too late: CheckChild follows each case.
  bool checks_each_case() const { return checks_each_case_; }
  void CheckEachCase() { checks_each_case_ = true; }

  // The case, without its teardown.
  Scenario Case(const Profile& profile) const {
    const auto begin = commands_.begin();
    return {profile,
            {{iommus_.begin(), iommus_.begin() + static_cast<std::ptrdiff_t>(iommu_count_)},
             {devices_.begin(), devices_.begin() + static_cast<std::ptrdiff_t>(device_count_)},
             {domains_.begin(), domains_.begin() + static_cast<std::ptrdiff_t>(domain_count_)}},
            {begin, begin + static_cast<std::ptrdiff_t>(std::min(length_, teardown_))}};
  }

 private:
  std::size_t length_ = 0, teardown_ = kNever;
  Tally tally_;
  bool skips_crashes_ = false, checks_each_case_ = false;
  std::size_t iommu_count_ = 0, device_count_ = 0, domain_count_ = 0;
  std::array<Iommu, kMaxIommus> iommus_{};
  std::array<Device, kMaxDevices> devices_{};
  std::array<Domain, kMaxDomains> domains_{};
  // The first length_ have a value.
  union {
    std::array<Command, kCapacity> commands_;
  };
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_FLIGHT_RECORDER_H_
