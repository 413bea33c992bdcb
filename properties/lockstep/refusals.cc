#include "properties/lockstep/refusals.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace holdfast {
namespace {

constexpr std::int16_t kUnsupported = -EOPNOTSUPP, kInvalid = -EINVAL;

class Reasons {
 public:
  Reasons(const Topology& topology, const Profile& profile, const State& state,
          const Command& command)
      : topology_(topology), profile_(profile), state_(state), command_(command) {}

  std::vector<Reason> List(bool lookup_failed) {
    switch (command_.verb) {
      case Verb::kPreserveDomain:
        PreserveDomain();
        Lookup(lookup_failed);
        break;
      case Verb::kUnpreserveDomain:
        UnpreserveDomain();
        Lookup(lookup_failed);
        break;
      case Verb::kPreserveDevice:
        PreserveDevice();
        Lookup(lookup_failed);
        break;
      case Verb::kUnpreserveDevice:
        UnpreserveDevice();
        Lookup(lookup_failed);
        break;
      case Verb::kProbeDevice:
        When(profile_.luo == Luo::kOff, {.text = "live update is off", .errors = {kUnsupported}});
        break;
      default: break;
    }
    return std::move(reasons_);
  }

 private:
  void When(bool holds, const Reason& reason) {
    if (holds) reasons_.push_back(reason);
  }

  const Device& device() const { return topology_.devices[command_.device]; }
  bool unclaimed() const {
    return device().group != kNone && state_.owner_claims[device().group] == 0;
  }

  // liveupdate_flb_get_outgoing: an error is returned, or is a WARN; a NULL object is refused.
  void Lookup(bool failed) {
    When(failed, {.text = "the FLB lookup fails", .errors = {command_.fault.error}, .warns = true});
    When(profile_.luo == Luo::kOff,
         {.text = "live update is off", .errors = {kUnsupported}, .warns = true});
    const bool counted = profile_.luo == Luo::kStageC;
    When(profile_.luo != Luo::kOff && !state_.flb.present,
         {.text = "no FLB", .errors = {-ENOENT, kInvalid}, .silent = !counted, .warns = counted});
  }

  void PreserveDomain() {
    const Domain& domain = topology_.domains[command_.domain];
    When(!domain.Has(Op::kPtPreserve) || !domain.Has(Op::kPtUnpreserve),
         {.text = "the page table lacks an op", .errors = {kUnsupported}});
    When(state_.preserved_state[command_.domain] != kNull,
         {.text = "the domain is preserved already", .errors = {-EBUSY, kInvalid}});
  }

  void UnpreserveDomain() {
    When(!topology_.domains[command_.domain].Has(Op::kPtUnpreserve),
         {.text = "the page table lacks an op", .warns = true});
    When(state_.preserved_state[command_.domain] == kNull,
         {.text = "the domain is not preserved", .silent = true});
  }

  void PreserveDevice() {
    When(!device().is_pci(), {.text = "not a PCI device", .errors = {kUnsupported}});
    When(device().group == kNone, {.text = "no group", .errors = {kInvalid}});
    When(unclaimed(), {.text = "nobody owns the group's DMA", .errors = {kInvalid}});
    When(!device().probed, {.text = "no dev->iommu", .errors = {kInvalid}});
    When(topology_.iommus[device().iommu].missing_ops != 0,
         {.text = "the IOMMU lacks an op", .errors = {kUnsupported}});
    When(state_.preserved_state[command_.domain] == kNull,
         {.text = "the domain is not preserved", .errors = {kInvalid}});
    When(state_.device_ser[command_.device] != kNull,
         {.text = "the device is preserved already", .errors = {-EBUSY, kInvalid}});
    When(topology_.GroupSize(command_.device) > 1,
         {.text = "more than one device in the group", .errors = {kUnsupported}});
  }

  void UnpreserveDevice() {
    When(!device().is_pci(), {.text = "not a PCI device", .silent = true});
    When(device().group == kNone, {.text = "no group", .silent = true});
    When(unclaimed(), {.text = "nobody owns the group's DMA", .silent = true});
    When(!device().probed, {.text = "no dev->iommu", .silent = true});
    const Iommu& iommu = topology_.iommus[device().iommu];
    When(!iommu.Has(Op::kIommuUnpreserveDevice) || !iommu.Has(Op::kIommuUnpreserve),
         {.text = "the IOMMU lacks an op", .warns = true});
    When(state_.device_ser[command_.device] == kNull, {.text = "the device is not preserved",
                                                       .silent = profile_.quiet_unpreserve_device,
                                                       .warns = true});
  }

  const Topology& topology_;
  const Profile& profile_;
  const State& state_;
  const Command& command_;
  std::vector<Reason> reasons_;
};

bool IsQuiet(const Profile& profile, Verb verb) {
  return verb == Verb::kUnpreserveDomain ? profile.quiet_unpreserve_domain
                                         : profile.quiet_unpreserve_device;
}

}  // namespace

std::vector<Reason> ReasonsToRefuse(const Topology& topology, const Profile& profile,
                                    const State& state, const Command& command,
                                    bool lookup_failed) {
  return Reasons(topology, profile, state, command).List(lookup_failed);
}

bool IsRefusalOfAVersion(const Topology& topology, const Profile& profile, const State& state,
                         const Command& command, const Outcome& model, const Outcome& sut) {
  if (sut.crashed() || sut.call_count != 0 || sut.findings != 0 || sut.out != kNull) return false;
  if (sut.fault_fired && command.fault.site != FaultSite::kFlbGetOutgoing) return false;
  std::vector<Reason> reasons = ReasonsToRefuse(topology, profile, state, command, sut.fault_fired);
  // A lookup that failed is no reason to answer for another reason: that guard stood before it.
  if (sut.fault_fired) {
    std::erase_if(reasons,
                  [](const Reason& reason) { return reason.text != "the FLB lookup fails"; });
  }
  const auto any = [&](auto gives) { return std::any_of(reasons.begin(), reasons.end(), gives); };
  if (sut.kind == Outcome::Kind::kReturned) {
    const bool may_refuse = model.crashed() || model.failed() || command.verb == Verb::kProbeDevice;
    return sut.failed() && !sut.warned && may_refuse && any([&](const Reason& reason) {
             return std::find(reason.errors.begin(), reason.errors.end(), sut.error) !=
                    reason.errors.end();
           });
  }
  if (!model.crashed() && model.call_count != 0) return false;
  if (sut.warned) return any([](const Reason& reason) { return reason.warns; });
  if (model.warned && !IsQuiet(profile, command.verb)) return false;
  return any([](const Reason& reason) { return reason.silent; });
}

bool IsStopOfAVersion(const Command& command, const Outcome& model, const Outcome& sut) {
  return IsOfRestoring(command.verb) && sut.crashed() && model.failed() &&
         sut.fault_fired == model.fault_fired && sut.findings == 0 &&
         command.fault.site != FaultSite::kPtRestore &&
         command.fault.site != FaultSite::kPagingDomainAlloc;
}

}  // namespace holdfast
