// A profile: a set of answers to the questions on which versions of this code differ. `v3` and `v5`
// are named sets; a version between them is one of these with some answers of its own ("v3 puts-flb
// double-domain=-EBUSY").
//
// Step and the rules ask the profile; nothing else knows a version. `v3` is the seed and the
// default.
#ifndef HOLDFAST_MODEL_PROFILE_H_
#define HOLDFAST_MODEL_PROFILE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "model/layout.h"

namespace holdfast {

// The live update orchestrator that the code runs on, by how liveupdate_flb_get_outgoing behaves.
enum class Luo : std::uint8_t {
  kOff,  // live update is disabled: -EOPNOTSUPP
  // 0 and a NULL object without an FLB; takes no reference; what a put drops was never taken
  kStageA,
  kStageB,  // as A: only the incoming side counts
  // -ENOENT without an FLB; takes a reference that a put must drop; the last put unpreserves
  kStageC,
};

struct Profile {
  std::string_view name;
  bool config_enabled = true;  // CONFIG_IOMMU_LIVEUPDATE; false: the stubs
  // for a device that is preserved already: -EBUSY or -EINVAL; 0: it is preserved again
  std::int16_t double_device = 0;
  std::int16_t double_domain = 0;  // the same for a domain
  bool puts_flb = false;           // drops the FLB reference on every exit, after unlocking
  // last argument is u64 dma_owner_token, stored; else u64 *preserved_state, written
  bool stores_owner_token = false;
  // -EOPNOTSUPP, after preserve_device was called and undone
  bool needs_singleton_group = false;

  // Answers of versions between v3 and v5; no named profile gives them.
  // double_device looks at the pointer alone, and follows it into no record
  bool double_device_by_pointer = false;
  // a NULL FLB object is -EINVAL, or a silent return; else it is locked
  bool checks_flb = false;
  // no group is -EINVAL, or a silent return; else its mutex is locked
  bool checks_group = false;
  // preserve_device: no dev->iommu is -EINVAL; else it is followed
  bool checks_iommu = false;
  // what is not preserved returns before the FLB is asked for, without a WARN
  bool quiet_unpreserve_device = false;
  bool quiet_unpreserve_domain = false;  // the same for a domain

  // the orchestrator of its day; a scenario may pair it with another
  Luo luo = Luo::kStageA;
  // in force; at first the layout of the profile's whole series
  Layout layout;

  bool operator==(const Profile&) const = default;
};

// One question, and where its answer stands in a profile: a flag, or an error with 0 for none.
struct ProfileAnswer {
  // in text (model/text/text.h): "checks-flb", "double-device=-EBUSY"
  std::string_view name;
  bool Profile::* flag = nullptr;
  std::int16_t Profile::* error = nullptr;  // if there is no flag
};

// In the order in which they are printed.
std::span<const ProfileAnswer> ProfileAnswers();

// True for one that has another interface than the profile of its name: it puts the FLB, takes the
// token or asks for singleton groups, or does not. Such a version lies between the named ones.
bool LiesBetween(const Profile& profile);

// All profiles, `v3` first: v3 (the seed), v5 (the newest), off (CONFIG_IOMMU_LIVEUPDATE=n).
std::span<const Profile> Profiles();

// The profile of that name, or nullptr.
const Profile* FindProfile(std::string_view name);

// A version of the code has been in the tree with more than one layout: before the drivers brought
// their parts of the records the records ended earlier. A profile admits them all, and what it
// admits is in force for as long as it is compared with such an implementation: the page's capacity
// follows from it. Returns the profile with the layout `found` in force if it is admitted; else
// with the nearest one that is, so that the difference names what moved. A profile with a layout of
// its own admits that one only; one that lies between two versions admits any: nobody has said what
// its layout should be.
Profile WithLayout(const Profile& profile, const Layout& found);

// The profile with the layout that was found, admitted or not, if records of that layout can be;
// else WithLayout. By it the model knows how many slots a page has, whatever R14 has to say of the
// layout.
Profile InForce(const Profile& profile, const Layout& found);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_PROFILE_H_
