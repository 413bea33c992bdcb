// What one call may do, in the smallest world that has everything the call can touch: one domain,
// one device, one IOMMU and the FLB. Step computes each of them once.
//
// A call reads and writes the objects that it names, the IOMMU of its device and the FLB, and
// nothing else (model/explore/footprint.h). So the large world of a log needs no State: it is a
// value for each object, and each call is a call of the small world.
#ifndef HOLDFAST_TRACES_LOG_ONE_CALL_H_
#define HOLDFAST_TRACES_LOG_ONE_CALL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/command.h"
#include "model/profile.h"
#include "model/rules/rules.h"
#include "model/scenario.h"
#include "traces/log/event.h"

namespace holdfast {

// The value of a pointer to a record.
enum Pointer : std::uint8_t { kNullPointer, kLivePointer, kStalePointer };
inline constexpr int kPointers = 3;
// The FLB: absent, held once, held more than once (by two or by three).
enum FlbHeld : std::uint8_t { kAbsent, kHeldOnce, kHeldTwice, kHeldThrice };
// A domain's or IOMMU's ops: all, without a preserving one, without an unpreserving one.
inline constexpr int kOpSets = 3;
// A device: alone in its group, not alone, not PCI, without a group, not probed.
inline constexpr int kDeviceKinds = 5;
// An IOMMU's record: none, counted once, counted several times, of an FLB that is gone.
enum Counted : std::uint8_t { kNotCounted, kCountedOnce, kCountedMore, kCountStale };
inline constexpr int kCounteds = 4;

struct SmallWorld {
  Verb verb = Verb::kPreserveDevice;
  std::uint8_t flb = kAbsent, domain = 0, domain_ops = 0, device = 0, kind = 0, owned = 1;
  std::uint8_t iommu = 0, iommu_ops = 0;
  bool restored = false;  // the device holds a record of the kernel before
  bool full = false;      // the last page of each chain

  std::uint32_t Key() const;
};

// One way in which the call may go.
struct Way {
  struct Act {
    Probe probe;
    bool failed;
    int error;  // of a failed lookup that is no fault; 0: any
  };
  bool crashed = false;
  bool returns = false;  // else the function is void
  int error = 0;         // kAnyError: any errno
  static constexpr int kAnyError = -4000;
  // the failed act whose errno the call returns, as its place in `acts`; -1: of none
  int error_of = -1;
  std::vector<Act> acts;  // in order: the lookup of the FLB, then the ops
  // afterwards
  std::uint8_t flb = kAbsent, domain = 0, device = 0;
  int count = 0;  // what is added to the IOMMU's count
  std::uint8_t iommu = 0;
  RuleSet broken = 0;  // the rules of a state that this call breaks

  std::string Print() const;  // "-EBUSY, after lookup, iommu.preserve"
};

class Ways {
 public:
  explicit Ways(const Profile& profile) : profile_(profile) {}

  // Empty if there is no such world: a record without an FLB.
  const std::vector<Way>& Of(const SmallWorld& world);

  const Profile& profile() const { return profile_; }

 private:
  std::vector<Way> Compute(const SmallWorld& world) const;

  const Profile profile_;
  std::unordered_map<std::uint32_t, std::vector<Way>> known_;
};

// Calls that lead to the small world, and then the call; nothing if there are no such calls.
std::optional<Scenario> ScenarioOf(const SmallWorld& world, const Profile& profile);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_ONE_CALL_H_
