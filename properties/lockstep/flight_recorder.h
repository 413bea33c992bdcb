// What a Lockstep was at, in memory that outlives its process: the case so far as a scenario, and
// the tally.
//
// A Lockstep that is given one writes down each command before it runs it. When the process has
// died, what is in here says at which command of which scenario, whoever made the scenario up (a
// campaign, a search, a trace). Cost: some ten bytes a command.
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
#include "sut/child.h"

namespace holdfast {

class FlightRecorder {
 public:
  // Of one case. What is longer is cut off: no case of the suite's own comes near.
  static constexpr std::size_t kCapacity = 65'536;
  static constexpr std::size_t kNever = ~std::size_t{0};

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
  // The command is the `step`-th of the case, from 0: what was written down from there on is
  // forgotten.
  void Add(std::size_t step, const Command& command) {
    if (step >= kCapacity) return;
    commands_[step] = command;
    length_ = step + 1;
    if (step < teardown_) teardown_ = kNever;
  }
  // The commands from `step` on are the teardown's.
  void TearDown(std::size_t step) { teardown_ = step; }

  // commands, the one under way and those of the teardown included
  std::size_t length() const { return length_; }
  // number of commands before the teardown, or kNever
  std::size_t teardown() const { return teardown_; }
  const Command& command(std::size_t step) const { return commands_[step]; }
  // Kept here by the Lockstep, from set_recorder() on.
  Tally& tally() { return tally_; }
  const Tally& tally() const { return tally_; }
  // Where the model says CRASH, the implementation ends its process and is not to be run.
  bool skips_crashes() const { return skips_crashes_; }
  void SkipCrashes() { skips_crashes_ = true; }
  Pulse& pulse() { return pulse_; }
  const Pulse& pulse() const { return pulse_; }

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
  Pulse pulse_;
  std::size_t length_ = 0, teardown_ = kNever;
  Tally tally_;
  bool skips_crashes_ = false;
  std::size_t iommu_count_ = 0, device_count_ = 0, domain_count_ = 0;
  std::array<Iommu, kMaxIommus> iommus_{};
  std::array<Device, kMaxDevices> devices_{};
  std::array<Domain, kMaxDomains> domains_{};
  std::array<Command, kCapacity> commands_{};
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_FLIGHT_RECORDER_H_
