// The table of the possible outcomes of each call, from docs/spec/semantics.md 3 and
// docs/spec/rules.md 4, one paragraph a call. The table is independent of step.cc on purpose.
// properties/search/coverage_test.cc holds the two against each other.

#include <algorithm>
#include <cerrno>

#include "properties/lockstep/coverage.h"

namespace holdfast {
namespace {

using enum Result;
using enum FaultSite;

class Table {
 public:
  Table(const Profile& profile, Mode mode) : profile_(profile), hostile_(mode == Mode::kHostile) {}

  std::vector<Witness> Build() {
    PreserveFileRows();
    UnpreserveFileRows();
    PreserveDomainRows();
    UnpreserveDomainRows();
    PreserveDeviceRows();
    UnpreserveDeviceRows();
    IncomingRows();
    RestoringRows();
    EnvironmentRows();
    std::sort(rows_.begin(), rows_.end());
    // one outcome may have several causes
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
    return rows_;
  }

 private:
  bool off() const { return !profile_.config_enabled; }
  bool disabled() const { return profile_.luo == Luo::kOff; }
  bool counts() const { return profile_.luo == Luo::kStageC; }
  // Under the option and with an orchestrator there can be an FLB; else nothing is ever preserved.
  bool flb() const { return !off() && !disabled(); }
  // On stage C, v3 leaks the reference that its first call takes, so the FLB never goes, and no
  // pointer is ever stale.
  bool can_be_stale() const { return flb() && (!counts() || profile_.puts_flb); }

  void Row(Verb verb, Result result, FaultSite site = kNone, bool when = true) {
    if (when) rows_.push_back({verb, result, site});
  }
  void Hostile(Verb verb, Result result, bool when = true) {
    Row(verb, result, kNone, when && hostile_);
  }

  void PreserveFileRows() {
    const Verb verb = Verb::kPreserveFile;
    Row(verb, kZero, kNone, off() || !disabled());
    Row(verb, kEopnotsupp, kNone, !off() && disabled());
    Row(verb, kInjected, kFlbPreserve, flb());
    Row(verb, kInjected, kKzalloc, flb());
    Row(verb, kInjected, kKhoAlloc, flb());
    Hostile(verb, kEbusy, !disabled());  // C6: frozen
  }

  void UnpreserveFileRows() {
    const Verb verb = Verb::kUnpreserveFile;
    Row(verb, kVoid, kNone, off() || !disabled());
    Hostile(verb, kWarn);  // C3: no file
  }

  // The outcomes without an FLB, for every call that gets the outgoing FLB.
  void NoFlbRows(Verb verb, Result without_object) {
    Hostile(verb, kCrash, flb() && !counts() && !profile_.checks_flb);  // C7: locks the NULL object
    Hostile(verb, kEinval, flb() && !counts() && profile_.checks_flb);
    Hostile(verb, without_object, flb() && counts());  // C7: -ENOENT
  }

  void PreserveDomainRows() {
    const Verb verb = Verb::kPreserveDomain;
    Row(verb, kEopnotsupp);  // the option is off; or the page table lacks an op
    if (off()) return;
    Row(verb, kInjected, kFlbGetOutgoing, hostile_ || flb());
    NoFlbRows(verb, kEnoent);
    Row(verb, kZero, kNone, flb());
    Row(verb, kInjected, kKhoAlloc, flb());
    Row(verb, kInjected, kPtPreserve, flb());
    Hostile(verb, kEbusy, flb() && profile_.double_domain == -EBUSY);    // C2
    Hostile(verb, kEinval, flb() && profile_.double_domain == -EINVAL);  // C2
  }

  void UnpreserveDomainRows() {
    const Verb verb = Verb::kUnpreserveDomain;
    // hostile: not preserved is silent
    Row(verb, kVoid, kNone, hostile_ ? off() || !disabled() : flb());
    if (off()) return;
    Row(verb, kWarn, kFlbGetOutgoing, profile_.quiet_unpreserve_domain ? flb() : hostile_ || flb());
    Hostile(verb, kWarn);  // C3: no op, no orchestrator, no FLB
    // C3: no FLB
    Hostile(verb, kCrash,
            flb() && !counts() && !profile_.checks_flb && !profile_.quiet_unpreserve_domain);
    Hostile(verb, kCrash, can_be_stale());  // C4: the FLB of the record is gone
  }

  void PreserveDeviceRows() {
    const Verb verb = Verb::kPreserveDevice;
    Row(verb, kEopnotsupp);  // the option is off; not PCI; no op; v5: more than one in the group
    if (off()) return;
    Hostile(verb, kEinval);  // C5: nobody owns the group
    Hostile(verb, kCrash);   // C5: no group; C1: no dev->iommu; C7: no FLB
    Row(verb, kInjected, kFlbGetOutgoing, hostile_ || flb());
    Hostile(verb, kEnoent, flb() && counts());  // C7
    Row(verb, kInjected, kKhoAlloc, flb());
    Row(verb, kInjected, kIommuPreserve, flb());
    Row(verb, kInjected, kIommuPreserveDevice, flb());
    Row(verb, kZero, kNone, flb());
    Hostile(verb, kEbusy, flb() && profile_.double_device == -EBUSY);  // C2
    // the pointer may lead to a record of the kernel before
    const bool restored = flb() && profile_.restores && profile_.double_device_by_pointer;
    Row(verb, kEbusy, kNone, restored && profile_.double_device == -EBUSY);
    Row(verb, kEinval, kNone, restored && profile_.double_device == -EINVAL);
  }

  void UnpreserveDeviceRows() {
    const Verb verb = Verb::kUnpreserveDevice;
    // hostile: not PCI, not owned, or the option off: silent
    Row(verb, kVoid, kNone, hostile_ || flb());
    if (off()) return;
    Row(verb, kWarn, kFlbGetOutgoing, profile_.quiet_unpreserve_device ? flb() : hostile_ || flb());
    Hostile(verb, kWarn);  // C3: not preserved, no op, no orchestrator, no FLB
    // C3: no group, no dev->iommu, no FLB; C4: the FLB of the record is gone
    Hostile(verb, kCrash);
  }

  // retrieve and finish share liveupdate_flb_get_incoming.
  void IncomingRows() {
    const bool handed_over = flb();
    Row(Verb::kRetrieve, disabled() ? kEopnotsupp : kEnodata);
    Row(Verb::kRetrieve, kZero, kNone, handed_over);
    Row(Verb::kFinish, kVoid, kNone, handed_over);
    Hostile(Verb::kFinish, kWarn);  // C3: nothing to finish
    for (const Verb verb : {Verb::kRetrieve, Verb::kFinish}) {
      const Result failure = verb == Verb::kRetrieve ? kInjected : kWarn;
      Row(verb, failure, kFlbRetrieve, handed_over);
      Row(verb, failure, kKzalloc, handed_over);
      Row(verb, kCrash, kKhoRestore, handed_over);
      Row(verb, failure, kNone, handed_over && counts());  // the failure is kept
      Hostile(verb, kCrash, handed_over);                  // C6: unpreserved after the freeze
    }
  }

  // A look-up that fails is returned, except that nothing may be there to find.
  void RestoringRows() {
    const bool side = profile_.restores && !off(), handed_over = side && flb();
    const Verb probe = Verb::kProbeDevice, restore = Verb::kRestoreDomain;
    Row(probe, kZero);
    Row(probe, kEbusy, kNone, flb());  // the device is preserved
    Row(restore, kEopnotsupp, kNone, !side);
    Row(restore, kEnoent, kNone, side);  // no record: the device gets its default domain
    Row(restore, kZero, kNone, handed_over);
    for (const Verb verb : {probe, restore}) Row(verb, kEnodev);  // no group, or not probed
    Row(probe, kInjected, kFlbGetIncoming, side);
    for (const FaultSite site : {kFlbGetIncoming, kPagingDomainAlloc, kPtRestore})
      Row(restore, kInjected, site, handed_over);
    Row(probe, kInjected, kFlbRetrieve, handed_over);
    Row(probe, kInjected, kKzalloc, handed_over);
    Row(probe, kCrash, kKhoRestore, handed_over);
    Row(probe, kInjected, kNone, handed_over && counts());  // the failure is kept
    Hostile(probe, kCrash, handed_over);                    // C6: unpreserved after the freeze
    Hostile(restore, kEinval, handed_over);  // C4: the record's domain was unpreserved
    Row(Verb::kReleaseDevice, kVoid);
    // C8: the device is restored, and a BUG to the version; C4: the FLB of its record is gone
    Hostile(Verb::kReleaseDevice, kCrash,
            side && profile_.releases &&
                ((handed_over && !profile_.releases_restored) || can_be_stale()));
  }

  void EnvironmentRows() {
    Row(Verb::kForEachDev, kVoid);
    Row(Verb::kClaimDmaOwner, kZero);
    Row(Verb::kClaimDmaOwner, kEnodev);  // no group
    Row(Verb::kClaimDmaOwner, kEbusy);   // the count is full
    Row(Verb::kReleaseDmaOwner, kVoid);
    Hostile(Verb::kReleaseDmaOwner, kWarn);  // C5: not claimed
    Row(Verb::kAttach, kZero);
    Row(Verb::kAttach, kEnodev);  // no group, or not probed
    Row(Verb::kFreeze, disabled() ? kEopnotsupp : kZero);
    Row(Verb::kKexec, kVoid);
  }

  const Profile& profile_;
  const bool hostile_;
  std::vector<Witness> rows_;
};

}  // namespace

std::vector<Witness> AllowedWitnesses(const Profile& profile, Mode mode) {
  return Table(profile, mode).Build();
}

}  // namespace holdfast
